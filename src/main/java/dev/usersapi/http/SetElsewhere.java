package dev.usersapi.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A member that callers expect in a request record and that another operation sets: the fault tells which. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(SetElsewhere.List.class)
public @interface SetElsewhere {

    String member();

    /** A clause whose subject is the member. */
    String detail();

    /** Holds several. */
    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @interface List {

        SetElsewhere[] value();
    }
}
