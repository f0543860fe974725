package dev.usersapi.error;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** The service will not start: a sentence that says why, and one that says how to mend it. */
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

    /** Prints the two sentences in place of a stack trace. */
    static final class Analyzer extends AbstractFailureAnalyzer<StartupRefusedException> {

        @Override
        protected FailureAnalysis analyze(Throwable failure, StartupRefusedException refusal) {
            return new FailureAnalysis(refusal.getMessage(), refusal.action, failure);
        }
    }
}
