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
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.servlet.HandlerExecutionChain;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/** Writes the body of errors that Tomcat raises before, or without, any filter: unreadable requests, sendError. */
class ProblemValve extends ErrorReportValve {

    // NUL, a backslash, or a byte of what may not be UTF-8
    private static final Pattern REFUSED_ESCAPE = Pattern.compile("%(00|5[cC]|[89a-fA-F][0-9a-fA-F])");

    private final ProblemWriter writer;
    private final ProblemHandler handler;
    private final ObjectProvider<HandlerMapping> routes;

    ProblemValve(ProblemWriter writer, ProblemHandler handler, ObjectProvider<HandlerMapping> routes) {
        this.writer = writer;
        this.handler = handler;
        this.routes = routes;
    }

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        if (response.getStatus() < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        int status = response.getStatus();
        try {
            if (status == 405 && request.getMethod().equals("TRACE")) {
                refuseTrace(request, response);
            } else if (isRefusedPath(request, response)) {
                writer.write(request, response, ErrorCode.NOT_FOUND);
            } else {
                ErrorCode code = TomcatRefusal.code(request, status, failure);
                List<Fault> faults =
                        code == ErrorCode.INVALID_REQUEST ? TomcatRefusal.faults(request, status, failure) : List.of();
                writer.write(request, response, code, faults);
            }
            response.finishResponse();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tomcat refuses TRACE before Spring sees it, and lists what the servlet could answer instead of what the path has. */
    private void refuseTrace(Request request, Response response) throws IOException {
        response.getCoyoteResponse().getMimeHeaders().removeHeader(HttpHeaders.ALLOW);
        ServletRequestPathUtils.parseAndCache(request);
        try {
            for (HandlerMapping mapping : routes) {
                HandlerExecutionChain route = mapping.getHandler(request);
                if (route != null && route.getHandler() instanceof HttpRequestHandler files) {
                    for (HandlerInterceptor interceptor : route.getInterceptorList()) {
                        interceptor.preHandle(request, response, files); // one of them tells the handler the path
                    }
                    files.handleRequest(request, response);
                }
            }
            writer.write(request, response, ErrorCode.NOT_FOUND);
        } catch (Exception e) { // names the methods of the path
            handler.handle(e, request, response);
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
        private final ProblemHandler handler;
        private final ObjectProvider<HandlerMapping> routes;

        Installer(ProblemWriter writer, ProblemHandler handler, ObjectProvider<HandlerMapping> routes) {
            this.writer = writer;
            this.handler = handler;
            this.routes = routes;
        }

        @Override
        public void customize(ConfigurableTomcatWebServerFactory factory) {
            // an encoded slash gets to the firewall, which answers 404; Tomcat alone would answer 400
            factory.addConnectorCustomizers(
                    connector -> connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue()));
            factory.addContextCustomizers(
                    context -> context.getParent().getPipeline().addValve(new ProblemValve(writer, handler, routes)));
        }
    }
}
