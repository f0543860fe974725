package dev.usersapi.error;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Writes the body of errors that Tomcat raises before, or without, any filter: unreadable requests, sendError. */
class ProblemValve extends ErrorReportValve {

    // NUL, a backslash, or a byte of what may not be UTF-8
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
        try {
            writer.write(
                    request,
                    response,
                    isRefusedPath(request, response) ? ErrorCode.NOT_FOUND : ErrorCode.ofStatus(response.getStatus()));
            response.finishResponse();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tomcat refuses some escapes in a path itself; to a client of the API they are one more id that names nothing. */
    private static boolean isRefusedPath(Request request, Response response) {
        String path = request.getRequestURI();
        return response.getStatus() == 400
                && path != null
                && REFUSED_ESCAPE.matcher(path).find();
    }

    @Component
    static class Installer implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {

        private final ProblemWriter writer;

        Installer(ProblemWriter writer) {
            this.writer = writer;
        }

        @Override
        public void customize(ConfigurableTomcatWebServerFactory factory) {
            // an encoded slash gets to the firewall, which answers 404; Tomcat alone would answer 400
            factory.addConnectorCustomizers(
                    connector -> connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue()));
            factory.addContextCustomizers(
                    context -> context.getParent().getPipeline().addValve(new ProblemValve(writer)));
        }
    }
}
