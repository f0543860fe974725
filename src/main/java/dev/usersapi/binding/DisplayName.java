package dev.usersapi.binding;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;

/**
 * A trimmed name with a visible character, and without control characters and bidirectional controls (Unicode UAX #9),
 * which could reorder the text around the name.
 */
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = DisplayName.Check.class)
public @interface DisplayName {

    int min() default 1;

    int max() default 200;

    String message() default
            "must have {min} to {max} characters, at least one of them visible, and no control characters";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    class Check implements ConstraintValidator<DisplayName, String> {

        // invisible, although Unicode classifies them as letters or symbols: Hangul fillers, blank Braille pattern
        private static final String INVISIBLE_LETTERS = "\u115F\u1160\u2800\u3164\uFFA0";

        private int max;

        @Override
        public void initialize(DisplayName constraint) {
            max = constraint.max();
        }

        @Override
        public boolean isValid(@Nullable String name, ConstraintValidatorContext context) {
            return name == null
                    || (name.codePointCount(0, name.length()) <= max
                            && name.codePoints().noneMatch(Check::isControl)
                            && name.codePoints().anyMatch(Check::isVisible));
        }

        private static boolean isControl(int c) {
            int type = Character.getType(c);
            return type == Character.CONTROL
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR
                    || (c & 0xFFFE) == 0xFFFE // noncharacters, also in the next line
                    || (c >= 0xFDD0 && c <= 0xFDEF)
                    || (c >= 0x202A && c <= 0x202E) // bidirectional embeddings and overrides
                    || (c >= 0x2066 && c <= 0x2069); // bidirectional isolates
        }

        private static boolean isVisible(int c) {
            int type = Character.getType(c);
            return type != Character.FORMAT
                    && type != Character.PRIVATE_USE
                    && type != Character.NON_SPACING_MARK
                    && type != Character.ENCLOSING_MARK
                    && !Character.isSpaceChar(c)
                    && INVISIBLE_LETTERS.indexOf(c) < 0;
        }
    }
}
