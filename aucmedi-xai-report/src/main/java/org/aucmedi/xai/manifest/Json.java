package org.aucmedi.xai.manifest;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * JSON as the files have it: the components of a record in their order, absent ones left out,
 * numbers with all their digits, and "NaN" and "Infinity" as strings, which JSON has no numbers
 * for.
 */
final class Json {

  static final Gson LINE = builder().create();
  static final Gson PRETTY = builder().setPrettyPrinting().create();

  private Json() {}

  private static GsonBuilder builder() {
    TypeAdapter<Float> floats = new Exact<>(Float::parseFloat);
    TypeAdapter<Double> doubles = new Exact<>(Double::parseDouble);
    return new GsonBuilder()
        .disableHtmlEscaping()
        .registerTypeAdapter(Float.class, floats)
        .registerTypeAdapter(float.class, floats)
        .registerTypeAdapter(Double.class, doubles)
        .registerTypeAdapter(double.class, doubles);
  }

  private static final class Exact<T extends Number> extends TypeAdapter<T> {

    private final Function<String, T> parser;

    Exact(Function<String, T> parser) {
      this.parser = parser;
    }

    @Override
    public void write(JsonWriter out, @Nullable T value) throws IOException {
      if (value != null && !Double.isFinite(value.doubleValue())) {
        out.value(value.toString());
      } else {
        out.value(value);
      }
    }

    @Override
    public @Nullable T read(JsonReader in) throws IOException {
      if (in.peek() == JsonToken.NULL) {
        in.nextNull();
        return null;
      }
      return parser.apply(in.nextString());
    }
  }
}
