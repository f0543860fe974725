package dev.usersapi.error;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Writes the body of errors that Tomcat reports itself, such as requests that it cannot parse. They reach no filter. */
class ProblemValve extends ErrorReportValve {

    // NUL, a backslash, or a byte that may not be UTF-8
    private static final Pattern REFUSED_ESCAPE = Pattern.compile("%(00|5[cC]|[89a-fA-F][0-9a-fA-F])");

    private final ProblemWriter writer;

    ProblemValve(ProblemWriter writer) {
        this.writer = writer;
    }

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        if (response.getStatus() < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        int status = response.getStatus();
        try {
            ErrorCode code = status == 400 && isRefusedPath(request.getRequestURI())
                    ? ErrorCode.NOT_FOUND
                    : TomcatRefusal.code(request, status, failure);
            List<Fault> faults =
                    code == ErrorCode.INVALID_REQUEST ? TomcatRefusal.faults(request, status, failure) : List.of();
            writer.write(request, response, code, faults);
            response.finishResponse();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Some escapes in a path, which Tomcat answers with 400. To a client, such a path is an id that does not exist. */
    private static boolean isRefusedPath(@Nullable String path) {
        return path != null && REFUSED_ESCAPE.matcher(path).find();
    }

    @Component
    static class Installer implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {

        private final ProblemWriter writer;

        Installer(ProblemWriter writer) {
            this.writer = writer;
        }

        @Override
        public void customize(ConfigurableTomcatWebServerFactory factory) {
            factory.addConnectorCustomizers(connector -> {
                // the firewall answers an encoded slash with 404, where Tomcat would answer 400
                connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
                // RouteDispatcherServlet answers TRACE, and never sends the request back
                connector.setAllowTrace(true);
            });
            factory.addContextCustomizers(
                    context -> context.getParent().getPipeline().addValve(new ProblemValve(writer)));
        }
    }
}
