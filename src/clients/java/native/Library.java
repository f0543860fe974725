import java.util.concurrent.Callable;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.JSON;
import org.openapitools.client.api.UsersApi;

/** What is particular to openapi-generator's library "native". */
final class Library {

    static ApiClient client(String url, String token) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(url);
        if (token != null) {
            client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
        }
        return client;
    }

    static String etag(UsersApi users, String id) throws ApiException {
        return users.getUserWithHttpInfo(id, null).getHeaders().get("etag").get(0);
    }

    static <T> T problem(Callable<?> refused, Class<T> type) throws Exception {
        try {
            refused.call();
        } catch (ApiException e) {
            return JSON.getDefault().getMapper().readValue(e.getResponseBody(), type);
        }
        throw new IllegalStateException("was not refused");
    }
}
