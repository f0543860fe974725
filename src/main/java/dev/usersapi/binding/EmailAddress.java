package dev.usersapi.binding;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A trimmed e-mail address with an ASCII domain, in the syntax of HTML's {@code input type=email}. The maximum lengths are
 * those of RFC 5321, section 4.5.3.1.
 */
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = EmailAddress.Check.class)
public @interface EmailAddress {

    String message() default
            "must look like name@example.com: at most 254 characters, ASCII before the @, and a valid domain";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    class Check implements ConstraintValidator<EmailAddress, String> {

        private static final Pattern LOCAL = Pattern.compile("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}");
        private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

        @Override
        public boolean isValid(@Nullable String email, ConstraintValidatorContext context) {
            return email == null || isValid(email);
        }

        public static boolean isValid(String email) {
            int at = email.lastIndexOf('@');
            if (email.length() > 254
                    || at < 0
                    || !LOCAL.matcher(email.substring(0, at)).matches()) {
                return false;
            }
            for (String label : email.substring(at + 1).split("\\.", -1)) {
                if (!LABEL.matcher(label).matches()) {
                    return false;
                }
            }
            return true;
        }
    }
}
