package dev.usersapi.overload;

import org.apache.coyote.http11.Http11NioProtocol;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** HTTP on {@link CrowdEndpoint}. Public, as Tomcat makes it by its name. */
public final class CrowdProtocol extends Http11NioProtocol {

    public CrowdProtocol() {
        super(new CrowdEndpoint());
    }

    @Component
    static class Installer implements WebServerFactoryCustomizer<TomcatWebServerFactory> {

        @Override
        public void customize(TomcatWebServerFactory factory) {
            factory.setProtocol(CrowdProtocol.class.getName());
        }
    }
}
