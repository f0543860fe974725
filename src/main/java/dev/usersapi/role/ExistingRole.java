package dev.usersapi.role;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;

/** The name of an existing role. A role that another instance deleted is accepted for up to three seconds. */
@Target({ElementType.FIELD, ElementType.TYPE_USE})
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = ExistingRole.Check.class)
public @interface ExistingRole {

    String MESSAGE = "must be the name of an existing role";

    String message() default MESSAGE;

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    class Check implements ConstraintValidator<ExistingRole, String> {

        private final Roles roles;

        Check(Roles roles) {
            this.roles = roles;
        }

        @Override
        public boolean isValid(@Nullable String name, ConstraintValidatorContext context) {
            return name == null || roles.exists(name);
        }
    }
}
