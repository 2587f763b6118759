// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment.paypal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/// Reads parts of answers that may lack them.
final class Json {
    private Json() {}

    /// A text, or an empty one.
    static String text(JsonObject object, String name) {
        return object.has(name) && object.get(name).isJsonPrimitive()
                ? object.get(name).getAsString()
                : "";
    }

    /// A number, or 0.
    static long number(JsonObject object, String name) {
        String text = text(object, name);
        return text.matches("[0-9]{1,15}") ? Long.parseLong(text) : 0;
    }

    /// An object, or an empty one.
    static JsonObject object(JsonObject object, String name) {
        return object.has(name) && object.get(name).isJsonObject()
                ? object.getAsJsonObject(name)
                : new JsonObject();
    }

    /// The objects of a list, or none.
    static List<JsonObject> list(JsonObject object, String name) {
        List<JsonObject> list = new ArrayList<>();
        JsonArray items =
                object.has(name) && object.get(name).isJsonArray()
                        ? object.getAsJsonArray(name)
                        : new JsonArray();
        for (JsonElement item : items) {
            if (item.isJsonObject()) {
                list.add(item.getAsJsonObject());
            }
        }
        return list;
    }

    /// The first object of a list, or an empty one.
    static JsonObject first(JsonObject object, String name) {
        List<JsonObject> list = list(object, name);
        return list.isEmpty() ? new JsonObject() : list.getFirst();
    }
}
