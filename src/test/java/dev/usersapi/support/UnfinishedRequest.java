package dev.usersapi.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A request to create a user that the service has begun to read: only a part of the body has been sent. */
public final class UnfinishedRequest implements AutoCloseable {

    private final Socket socket;
    private final String rest;

    public UnfinishedRequest(int port, String token, String email) throws IOException {
        String body =
                Api.JSON.writeValueAsString(Map.of("email", email, "name", "Ann Example", "password", Api.PASSWORD));
        rest = body.substring(20);
        socket = new Socket("localhost", port);
        socket.setSoTimeout(20_000);
        send("POST /api/v1/users HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n"
                + "Authorization: Bearer " + token + "\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n");
        assertThat(readHead()).startsWith("HTTP/1.1 100");
        send(body.substring(0, 20));
    }

    /** Sends the rest of the body and returns the status line of the response. */
    public String finish() throws IOException {
        send(rest);
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .findFirst()
                .orElse("nothing");
    }

    private void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String readHead() throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as("the connection was closed after %s", head).isNotNegative();
            head.append((char) next);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
