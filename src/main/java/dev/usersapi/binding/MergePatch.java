package dev.usersapi.binding;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON Merge Patch (RFC 7396) for an object.
 *
 * @param members the members of the patch; null if it removes the object
 */
public record MergePatch(@Nullable ObjectNode members) {

    public static final String MEDIA_TYPE = "application/merge-patch+json";

    /** Returns the patched copy of an object, which is empty if the patch removes it. */
    public ObjectNode applyTo(ObjectNode target) {
        return members == null ? target.objectNode() : merge(target, members);
    }

    private static ObjectNode merge(@Nullable JsonNode target, ObjectNode patch) {
        ObjectNode merged = patch.objectNode();
        if (target instanceof ObjectNode present) {
            merged.setAll(present);
        }
        patch.properties().forEach(member -> {
            String name = member.getKey();
            JsonNode value = member.getValue();
            if (value.isNull()) {
                merged.remove(name);
            } else {
                merged.set(name, value instanceof ObjectNode inner ? merge(merged.get(name), inner) : value);
            }
        });
        return merged;
    }
}
