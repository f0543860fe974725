package dev.usersapi.error;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Stops the start-up with one sentence that says why, and one that says how to fix it. */
public final class StartupRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String action;

    public StartupRefusedException(String reason, String action) {
        super(reason);
        this.action = action;
    }

    public String action() {
        return action;
    }

    /** Makes Spring Boot print the two sentences in place of a stack trace. */
    static final class Analyzer extends AbstractFailureAnalyzer<StartupRefusedException> {

        @Override
        protected FailureAnalysis analyze(Throwable failure, StartupRefusedException refusal) {
            return new FailureAnalysis(refusal.getMessage(), refusal.action, failure);
        }
    }
}
