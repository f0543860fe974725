package dev.usersapi.binding;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class MergePatchTests {

    private static ObjectNode json(String text) {
        return (ObjectNode) JsonMapper.shared().readTree(text);
    }

    /** The examples of RFC 7396 appendix A in which target and patch are objects, and more. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            {"a":"b"}             | {"a":"c"}                  | {"a":"c"}
            {"a":"b"}             | {"b":"c"}                  | {"a":"b","b":"c"}
            {"a":"b"}             | {"a":null}                 | {}
            {"a":"b","b":"c"}     | {"a":null}                 | {"b":"c"}
            {"a":["b"]}           | {"a":"c"}                  | {"a":"c"}
            {"a":"c"}             | {"a":["b"]}                | {"a":["b"]}
            {"a":{"b":"c"}}       | {"a":{"b":"d","c":null}}   | {"a":{"b":"d"}}
            {"a":[{"b":"c"}]}     | {"a":[1]}                  | {"a":[1]}
            {"e":null}            | {"a":1}                    | {"e":null,"a":1}
            {}                    | {"a":{"bb":{"ccc":null}}}  | {"a":{"bb":{}}}
            {"a":1}               | {"a":{"b":null,"c":[null]}}| {"a":{"c":[null]}}
            {"a":{"b":{"c":1}}}   | {"a":{"b":{"d":2}}}        | {"a":{"b":{"c":1,"d":2}}}
            {"a":{"b":1}}         | {"a":{}}                   | {"a":{"b":1}}
            {"a":1}               | {}                         | {"a":1}
            {"":1}                | {"":null,"/":{"~":2}}      | {"/":{"~":2}}
            """)
    void applyToFollowsRfc7396(String target, String patch, String merged) {
        ObjectNode before = json(target);

        assertThat(new MergePatch(json(patch)).applyTo(before)).isEqualTo(json(merged));
        assertThat(before).as("the target").isEqualTo(json(target));
    }

    @Test
    void applyToReturnsAnEmptyObjectWhenThePatchIsNull() {
        assertThat(new MergePatch(null).applyTo(json("{\"a\":1}"))).isEmpty();
    }
}
