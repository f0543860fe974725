package dev.usersapi.user;

import dev.usersapi.binding.MergePatch;
import dev.usersapi.error.FaultReason;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.validator.constraintvalidation.HibernateConstraintValidatorContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Settings, or what a patch sets of them, whose known members are sound and that PostgreSQL can keep as they are. */
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = {ValidSettings.Check.class, ValidSettings.PatchCheck.class})
@interface ValidSettings {

    String TOO_LARGE = "must be at most 8 KiB as JSON with its defaults";

    String message() default TOO_LARGE;

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    class Check implements ConstraintValidator<ValidSettings, ObjectNode> {

        private static final int MAX_EXPONENT = 308; // of a double: what other JSON software can read (RFC 8259, 6)
        private static final FaultReason UNSTORABLE =
                new FaultReason("invalid_value", "must hold no NUL character and no number beyond 1e±308");
        private static final List<String> THEMES = List.of("light", "dark", "system");

        @Override
        public boolean isValid(@Nullable ObjectNode settings, ConstraintValidatorContext context) {
            if (settings == null) {
                return true;
            }
            Map<String, FaultReason> faults = faults(settings);
            // a number that cannot be stored cannot be written out either
            boolean small = faults.containsValue(UNSTORABLE)
                    || UserSettings.of(settings).isSmall();
            if (small) {
                context.disableDefaultConstraintViolation();
            }
            tell(faults, context);
            return small && faults.isEmpty();
        }

        private static void tell(Map<String, FaultReason> faults, ConstraintValidatorContext context) {
            faults.forEach((member, reason) -> context.unwrap(HibernateConstraintValidatorContext.class)
                    .withDynamicPayload(reason)
                    .buildConstraintViolationWithTemplate(reason.detail())
                    .addPropertyNode(member)
                    .addConstraintViolation());
        }

        /** By the name of the member. */
        private static Map<String, FaultReason> faults(ObjectNode settings) {
            Map<String, FaultReason> faults = new LinkedHashMap<>();
            JsonNode theme = settings.path("theme");
            if (isGiven(theme) && !(theme.isString() && THEMES.contains(theme.stringValue()))) {
                faults.put(
                        "theme",
                        new FaultReason("invalid_value", "must be one of " + String.join(", ", THEMES))
                                .withAllowed(THEMES));
            }
            JsonNode notifications = settings.path("notifications");
            if (isGiven(notifications) && !notifications.isBoolean()) {
                faults.put("notifications", new FaultReason("invalid_value", "must be true or false"));
            }
            for (var member : settings.properties()) {
                if (member.getKey().indexOf('\0') >= 0 || !isStorable(member.getValue())) {
                    faults.put(member.getKey(), UNSTORABLE);
                }
            }
            return faults;
        }

        private static boolean isGiven(JsonNode member) {
            return !member.isMissingNode() && !member.isNull();
        }

        private static boolean isStorable(JsonNode node) {
            if (node.isString()) {
                return node.stringValue().indexOf('\0') < 0;
            }
            if (node.isNumber()) {
                BigDecimal number = node.decimalValue();
                long exponent = (long) number.precision() - number.scale() - 1;
                return Math.abs(exponent) <= MAX_EXPONENT && Math.abs((long) number.scale()) <= 2 * MAX_EXPONENT;
            }
            return node.propertyNames().stream().noneMatch(name -> name.indexOf('\0') >= 0)
                    && node.valueStream().allMatch(Check::isStorable);
        }
    }

    /** What is soundly merged into sound settings leaves them sound, but for their size, which is known afterwards. */
    class PatchCheck implements ConstraintValidator<ValidSettings, MergePatch> {

        @Override
        public boolean isValid(@Nullable MergePatch patch, ConstraintValidatorContext context) {
            if (patch == null) {
                return true;
            }
            Map<String, FaultReason> faults = Check.faults(patch.applyTo(JsonNodeFactory.instance.objectNode()));
            context.disableDefaultConstraintViolation();
            Check.tell(faults, context);
            return faults.isEmpty();
        }
    }
}
