package dev.usersapi.overload;

import org.apache.coyote.http11.Http11NioProtocol;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** HTTP on {@link OverloadProtectingEndpoint}. Public, as Tomcat makes it by its name. */
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
