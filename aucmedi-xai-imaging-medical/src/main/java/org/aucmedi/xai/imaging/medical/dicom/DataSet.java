package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.UnsignedInts;
import com.google.common.primitives.UnsignedLong;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An immutable set of elements, at most one for each tag, in the order of the tags.
 *
 * <pre>{@code
 * DataSet data = DataSet.builder().put(Tags.MODALITY, "CT").putInts(Tags.ROWS, 512).build();
 * int rows = data.integer(Tags.ROWS).getAsInt();
 * }</pre>
 */
public final class DataSet {

  /** One without elements. */
  public static final DataSet EMPTY = builder().build();

  private static final CharMatcher PADDING = CharMatcher.anyOf(" \0");
  private static final int LONGEST_IN_MESSAGE = 40;

  /** By tag as an unsigned number. */
  private final ImmutableSortedMap<Long, Element> elements;

  private DataSet(Map<Long, Element> elements) {
    this.elements = ImmutableSortedMap.copyOf(elements);
  }

  /** {@return a builder without elements} */
  public static Builder builder() {
    return new Builder(new TreeMap<>());
  }

  /** {@return a builder with these elements} */
  public Builder toBuilder() {
    return new Builder(new TreeMap<>(elements));
  }

  /** {@return the elements in the order of their tags} */
  public Collection<Element> elements() {
    return elements.values();
  }

  /**
   * {@return an element, or nothing if there is none}
   *
   * @param tag group and element number, such as {@link Tags#ROWS}
   */
  public Optional<Element> element(int tag) {
    return Optional.ofNullable(elements.get(UnsignedInts.toLong(tag)));
  }

  /**
   * {@return whether there is an element with that tag, even if its value is empty}
   *
   * @param tag group and element number
   */
  public boolean contains(int tag) {
    return elements.containsKey(UnsignedInts.toLong(tag));
  }

  /**
   * {@return the bytes of a value in little endian, not a copy; empty if there is no such element}
   *
   * @param tag group and element number
   */
  public byte[] bytes(int tag) {
    return element(tag).orElse(null) instanceof Element.Value value ? value.bytes() : new byte[0];
  }

  /**
   * {@return the items of a sequence; empty if there is no such element}
   *
   * @param tag group and element number
   */
  public List<DataSet> items(int tag) {
    return element(tag).orElse(null) instanceof Element.Sequence sequence
        ? sequence.items()
        : List.of();
  }

  /**
   * {@return the first item of a sequence, or a set without elements}
   *
   * @param tag group and element number
   */
  public DataSet item(int tag) {
    List<DataSet> items = items(tag);
    return items.isEmpty() ? EMPTY : items.get(0);
  }

  /**
   * {@return the text of an element, the first one of several; nothing if it is missing or empty}
   *
   * @param tag group and element number
   */
  public Optional<String> string(int tag) {
    return strings(tag).stream().findFirst().filter(text -> !text.isEmpty());
  }

  /**
   * {@return the texts of an element, without padding; numbers are written out; empty if it is
   * missing or empty}
   *
   * @param tag group and element number
   */
  public List<String> strings(int tag) {
    Element element = element(tag).orElse(null);
    if (!(element instanceof Element.Value value) || value.bytes().length == 0) {
      return List.of();
    }
    if (value.vr().kind() == Vr.Kind.NUMBER) {
      return Arrays.stream(numbers(value)).mapToObj(DataSet::plain).toList();
    }
    String text = new String(value.bytes(), charset());
    if (!value.vr().hasSeveralTexts() && value.vr() != Vr.UN) {
      return List.of(PADDING.trimTrailingFrom(text));
    }
    return Splitter.on('\\').trimResults(PADDING).splitToList(text);
  }

  /**
   * {@return the first number of an element, or nothing if it is missing or empty}
   *
   * @param tag group and element number
   * @throws IllegalArgumentException if it is no whole number that an int holds
   */
  public OptionalInt integer(int tag) {
    double[] values = numbers(tag);
    if (values.length == 0) {
      return OptionalInt.empty();
    }
    checkArgument(
        values[0] == (int) values[0],
        "its %s is %s, not a whole number below 2^31",
        Tags.name(tag),
        values[0]);
    return OptionalInt.of((int) values[0]);
  }

  /**
   * {@return the first number of an element, or nothing if it is missing or empty}
   *
   * @param tag group and element number
   * @throws IllegalArgumentException if it is no number
   */
  public OptionalDouble number(int tag) {
    double[] values = numbers(tag);
    return values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(values[0]);
  }

  /**
   * {@return the numbers of an element, binary or as text; empty if it is missing or empty}
   *
   * @param tag group and element number
   * @throws IllegalArgumentException if one of them is no finite number
   */
  public double[] numbers(int tag) {
    if (!(element(tag).orElse(null) instanceof Element.Value value)) {
      return new double[0];
    }
    if (value.vr().kind() == Vr.Kind.NUMBER) {
      double[] numbers = numbers(value);
      checkArgument(
          Arrays.stream(numbers).allMatch(Double::isFinite),
          "its %s is %s, not finite",
          Tags.name(tag),
          Arrays.toString(numbers));
      return numbers;
    }
    List<String> texts = strings(tag);
    if (texts.stream().allMatch(String::isEmpty)) {
      return new double[0];
    }
    return texts.stream().mapToDouble(text -> number(tag, text)).toArray();
  }

  private static double number(int tag, String text) {
    Double number = Doubles.tryParse(text);
    checkArgument(
        number != null && Double.isFinite(number),
        "its %s is '%s', not a number",
        Tags.name(tag),
        printable(text));
    return number;
  }

  /** A text of the file for a message. */
  static String printable(String text) {
    return CharMatcher.javaIsoControl()
        .replaceFrom(Ascii.truncate(text, LONGEST_IN_MESSAGE, "..."), '?');
  }

  private static String plain(double number) {
    return number == (long) number ? Long.toString((long) number) : Double.toString(number);
  }

  private static double[] numbers(Element.Value value) {
    ByteBuffer buffer = ByteBuffer.wrap(value.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    int size = size(value.vr());
    double[] numbers = new double[value.bytes().length / size];
    for (int i = 0; i < numbers.length; i++) {
      int at = i * size;
      numbers[i] =
          switch (value.vr()) {
            case US -> buffer.getShort(at) & 0xffff;
            case SS -> buffer.getShort(at);
            case UL -> UnsignedInts.toLong(buffer.getInt(at));
            case SL -> buffer.getInt(at);
            case AT ->
                UnsignedInts.toLong(
                    (buffer.getShort(at) & 0xffff) << 16 | (buffer.getShort(at + 2) & 0xffff));
            case FL -> buffer.getFloat(at);
            case FD -> buffer.getDouble(at);
            case SV -> buffer.getLong(at);
            case UV -> UnsignedLong.fromLongBits(buffer.getLong(at)).doubleValue();
            default -> throw new IllegalStateException(value.vr() + " is no number");
          };
    }
    return numbers;
  }

  /** The bytes of one number. */
  private static int size(Vr vr) {
    return vr == Vr.AT ? Integer.BYTES : vr.unit();
  }

  private Charset charset() {
    Element set = elements.get((long) Tags.SPECIFIC_CHARACTER_SET);
    boolean utf8 =
        set instanceof Element.Value value
            && new String(value.bytes(), StandardCharsets.US_ASCII).contains("ISO_IR 192");
    return utf8 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
  }

  /** Builds a {@link DataSet}. A later element replaces an earlier one with the same tag. */
  public static final class Builder {

    private final Map<Long, Element> elements;

    private Builder(Map<Long, Element> elements) {
      this.elements = elements;
    }

    /**
     * Puts an element.
     *
     * @param element the element, or null to change nothing
     * @return this builder
     */
    public Builder put(@Nullable Element element) {
      if (element != null) {
        elements.put(UnsignedInts.toLong(element.tag()), element);
      }
      return this;
    }

    /**
     * Puts bytes.
     *
     * @param tag group and element number
     * @param vr the type
     * @param bytes the value in little endian; not copied
     * @return this builder
     */
    public Builder put(int tag, Vr vr, byte[] bytes) {
      return put(new Element.Value(tag, vr, bytes));
    }

    /**
     * Puts texts under a tag of {@link Tags}, as UTF-8.
     *
     * @param tag group and element number
     * @param texts the values; none for an empty element
     * @return this builder
     * @throws IllegalArgumentException if the tag is unknown or none of a text
     */
    public Builder put(int tag, String... texts) {
      Vr vr = Dictionary.vr(tag);
      checkArgument(vr.kind() == Vr.Kind.TEXT, "%s is %s, no text", Tags.name(tag), vr);
      byte[] text = String.join("\\", texts).getBytes(StandardCharsets.UTF_8);
      byte[] even = Arrays.copyOf(text, text.length + text.length % 2);
      if (even.length > text.length) {
        even[text.length] = vr.padding();
      }
      return put(tag, vr, even);
    }

    /**
     * Puts numbers under a tag of {@link Tags}, binary or as text as its VR demands.
     *
     * @param tag group and element number
     * @param numbers the values
     * @return this builder
     * @throws IllegalArgumentException if the tag is unknown or none of numbers
     */
    public Builder putNumbers(int tag, double... numbers) {
      Vr vr = Dictionary.vr(tag);
      if (vr.kind() == Vr.Kind.TEXT) {
        return put(tag, Arrays.stream(numbers).mapToObj(Builder::decimal).toArray(String[]::new));
      }
      ByteBuffer buffer =
          ByteBuffer.allocate(numbers.length * size(vr)).order(ByteOrder.LITTLE_ENDIAN);
      for (double number : numbers) {
        switch (vr) {
          case US, SS -> buffer.putShort((short) (int) number);
          case UL, SL -> buffer.putInt((int) (long) number);
          case AT -> buffer.putShort((short) ((long) number >> 16)).putShort((short) (long) number);
          case SV, UV -> buffer.putLong((long) number);
          case FL -> buffer.putFloat((float) number);
          case FD -> buffer.putDouble(number);
          default ->
              throw new IllegalArgumentException(Tags.name(tag) + " is " + vr + ", no number");
        }
      }
      return put(tag, vr, buffer.array());
    }

    /** A number in the 16 characters that a DS may have. */
    private static String decimal(double number) {
      String text = plain(number);
      for (int digits = 15; text.length() > 16; digits--) {
        text = plain(Double.parseDouble(String.format("%." + digits + "g", number)));
      }
      return text;
    }

    /**
     * Puts a sequence.
     *
     * @param tag group and element number
     * @param items its items
     * @return this builder
     */
    public Builder putItems(int tag, DataSet... items) {
      return put(new Element.Sequence(tag, List.of(items)));
    }

    /**
     * Removes an element if there is one.
     *
     * @param tag group and element number
     * @return this builder
     */
    public Builder remove(int tag) {
      elements.remove(UnsignedInts.toLong(tag));
      return this;
    }

    /** {@return the elements put} */
    public DataSet build() {
      return new DataSet(elements);
    }
  }
}
