package dev.usersapi.userlist;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Refuses a request that has both a page number and a cursor. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = PageOrCursor.Check.class)
@interface PageOrCursor {

    String message() default "must not be given together with cursor";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    class Check implements ConstraintValidator<PageOrCursor, ListUsersRequest> {

        @Override
        public boolean isValid(ListUsersRequest request, ConstraintValidatorContext context) {
            if (request.page() == null || request.cursor() == null) {
                return true;
            }
            context.disableDefaultConstraintViolation();
            context.buildConstraintViolationWithTemplate(context.getDefaultConstraintMessageTemplate())
                    .addPropertyNode("page")
                    .addConstraintViolation();
            return false;
        }
    }
}
