package dev.usersapi.overload;

import org.apache.coyote.http11.Http11NioProtocol;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** HTTP/1.1 on an {@link OverloadProtectingEndpoint}. Public, because Tomcat creates it by its class name. */
public final class OverloadProtectingProtocol extends Http11NioProtocol {

    public OverloadProtectingProtocol() {
        super(new OverloadProtectingEndpoint());
    }

    @Component
    static class Installer implements WebServerFactoryCustomizer<TomcatWebServerFactory> {

        @Override
        public void customize(TomcatWebServerFactory factory) {
            factory.setProtocol(OverloadProtectingProtocol.class.getName());
        }
    }
}
