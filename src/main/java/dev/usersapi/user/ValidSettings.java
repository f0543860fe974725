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

/**
 * Checks settings, or a merge patch of settings: the values of the known members, the size, and that PostgreSQL can store
 * them without changes.
 */
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = {ValidSettings.Check.class, ValidSettings.PatchCheck.class})
@interface ValidSettings {

    String TOO_LARGE = "must be at most 8 KiB as JSON, including defaults";

    String message() default TOO_LARGE;

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    class Check implements ConstraintValidator<ValidSettings, ObjectNode> {

        // The range of a double, which other JSON software can read (RFC 8259, section 6).
        private static final int MAX_EXPONENT = 308;

        private static final FaultReason UNSTORABLE =
                new FaultReason("invalid_value", "must not contain a NUL character or a number beyond 1e±308");
        private static final List<String> THEMES = List.of("light", "dark", "system");

        @Override
        public boolean isValid(@Nullable ObjectNode settings, ConstraintValidatorContext context) {
            if (settings == null) {
                return true;
            }
            Map<String, FaultReason> faults = faults(settings);
            // a number that cannot be stored can have too many digits to write it
            boolean small = faults.containsValue(UNSTORABLE)
                    || UserSettings.of(settings).fitsSizeLimit();
            if (small) {
                context.disableDefaultConstraintViolation();
            }
            report(faults, context);
            return small && faults.isEmpty();
        }

        private static void report(Map<String, FaultReason> faults, ConstraintValidatorContext context) {
            faults.forEach((member, reason) -> context.unwrap(HibernateConstraintValidatorContext.class)
                    .withDynamicPayload(reason)
                    .buildConstraintViolationWithTemplate(reason.detail())
                    .addPropertyNode(member)
                    .addConstraintViolation());
        }

        /** Returns the faults by the names of the members. */
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

    /** Valid settings remain valid after a valid patch, except for their size, which is checked after merging. */
    class PatchCheck implements ConstraintValidator<ValidSettings, MergePatch> {

        @Override
        public boolean isValid(@Nullable MergePatch patch, ConstraintValidatorContext context) {
            if (patch == null) {
                return true;
            }
            Map<String, FaultReason> faults = Check.faults(patch.applyTo(JsonNodeFactory.instance.objectNode()));
            context.disableDefaultConstraintViolation();
            Check.report(faults, context);
            return faults.isEmpty();
        }
    }
}
