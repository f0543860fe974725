package dev.usersapi.support;

import dev.usersapi.database.EmbeddedDatabase;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Gives the tests' database the Turkish locale, in which {@code lower('I')} is a dotless i and texts are not sorted by
 * code point: a statement without an explicit collation fails a test. The locale comes from ICU, which every supported
 * PostgreSQL contains; the locales of the operating system are often not installed.
 */
@TestComponent
class TurkishDatabase implements BeanPostProcessor {

    /** Options of {@code CREATE DATABASE}. */
    static final String OPTIONS =
            "template template0 encoding 'UTF8' locale_provider icu icu_locale 'tr-TR' locale 'C'";

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof EmbeddedDatabase database) {
            String url = database.getJdbcUrl();
            SingleConnectionDataSource connection = new SingleConnectionDataSource(
                    url.replaceFirst("/postgres$", "/template1"), database.getUsername(), database.getPassword(), true);
            JdbcClient server = JdbcClient.create(connection);
            server.sql("drop database postgres").update();
            server.sql("create database postgres " + OPTIONS).update();
            // tests of durability start their own servers
            server.sql("alter database postgres set synchronous_commit = off").update();
            connection.destroy();
        }
        return bean;
    }
}
