package dev.usersapi.binding;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names a member that clients may expect in a request but that another operation sets. The fault says which one. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(UnsupportedMember.List.class)
public @interface UnsupportedMember {

    String member();

    /** The rest of a sentence whose subject is the member, such as {@code is set by ...}. */
    String detail();

    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @interface List {

        UnsupportedMember[] value();
    }
}
