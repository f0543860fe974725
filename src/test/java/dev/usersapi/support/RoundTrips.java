package dev.usersapi.support;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Records the round trips of requests to the database: each statement, and each begin or end of a transaction. */
@TestComponent
public class RoundTrips implements BeanPostProcessor {

    private static final List<String> RECORDED_METHODS =
            List.of("prepareStatement", "createStatement", "prepareCall", "commit", "rollback", "setAutoCommit");

    private final List<String> recorded = new CopyOnWriteArrayList<>();

    /** Returns the round trips since the last call of this method, and forgets them. */
    public List<String> take() {
        List<String> taken = List.copyOf(recorded);
        recorded.clear();
        return taken;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof DataSource source
                ? new DelegatingDataSource(source) {
                    @Override
                    public Connection getConnection() throws SQLException {
                        return recording(super.getConnection());
                    }
                }
                : bean;
    }

    private Connection recording(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                RoundTrips.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (RECORDED_METHODS.contains(method.getName())
                            && Thread.currentThread().getName().contains("-exec-")) {
                        recorded.add(method.getName() + (arguments == null ? "" : " " + arguments[0]));
                    }
                    return invoke(connection, method, arguments);
                });
    }

    private static Object invoke(Connection connection, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(connection, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
