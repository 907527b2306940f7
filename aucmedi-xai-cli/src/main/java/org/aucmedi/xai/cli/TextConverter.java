package org.aucmedi.xai.cli;

import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an option by a type's own text form, whose refusal is the message. */
abstract class TextConverter<T> implements ITypeConverter<T> {

  private final Function<String, T> reader;

  TextConverter(Function<String, T> reader) {
    this.reader = reader;
  }

  @Override
  public final T convert(String value) {
    try {
      return reader.apply(value);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
