import java.util.concurrent.Callable;
import org.openapitools.client.ApiClient;
import org.openapitools.client.api.UsersApi;
import org.springframework.web.client.RestClientResponseException;

/** What is particular to openapi-generator's library "restclient". */
final class Library {

    static ApiClient client(String url, String token) {
        ApiClient client = new ApiClient().setBasePath(url);
        if (token != null) {
            client.setBearerToken(token);
        }
        return client;
    }

    static String etag(UsersApi users, String id) {
        return users.getUserWithHttpInfo(id, null).getHeaders().getETag();
    }

    static <T> T problem(Callable<?> refused, Class<T> type) throws Exception {
        try {
            refused.call();
        } catch (RestClientResponseException e) {
            return e.getResponseBodyAs(type);
        }
        throw new IllegalStateException("was not refused");
    }
}
