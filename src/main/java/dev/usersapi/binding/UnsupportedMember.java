package dev.usersapi.binding;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A member that callers expect in a request record and that another operation sets: the fault tells which. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(UnsupportedMember.List.class)
public @interface UnsupportedMember {

    String member();

    /** A clause whose subject is the member. */
    String detail();

    /** Holds several. */
    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @interface List {

        UnsupportedMember[] value();
    }
}
