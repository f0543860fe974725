package dev.usersapi.user;

import dev.usersapi.password.PasswordPolicy;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.hibernate.validator.constraintvalidation.HibernateConstraintValidatorContext;

/** Checks the password of a new user against {@link PasswordPolicy}, which also compares it with e-mail and name. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = AcceptablePassword.Check.class)
@interface AcceptablePassword {

    String message() default "is not acceptable";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    class Check implements ConstraintValidator<AcceptablePassword, CreateUserRequest> {

        private final PasswordPolicy policy;

        Check(PasswordPolicy policy) {
            this.policy = policy;
        }

        @Override
        public boolean isValid(CreateUserRequest request, ConstraintValidatorContext context) {
            if (request.password() == null) {
                return true;
            }
            var refusal = policy.refusal(request.password(), request.email(), request.name());
            refusal.ifPresent(reason -> {
                context.disableDefaultConstraintViolation();
                context.unwrap(HibernateConstraintValidatorContext.class)
                        .withDynamicPayload(reason)
                        .buildConstraintViolationWithTemplate(reason.detail())
                        .addPropertyNode("password")
                        .addConstraintViolation();
            });
            return refusal.isEmpty();
        }
    }
}
