package dev.usersapi.support;

import com.zaxxer.hikari.HikariDataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.TestComponent;

/** Gives database sessions a time zone that differs from the one of the JVM (test.jvm in pom.xml). */
@TestComponent
class OtherTimeZone implements BeanPostProcessor {

    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof HikariDataSource pool) {
            pool.setConnectionInitSql(pool.getConnectionInitSql() + "; set time zone 'America/St_Johns'");
        }
        return bean;
    }
}
