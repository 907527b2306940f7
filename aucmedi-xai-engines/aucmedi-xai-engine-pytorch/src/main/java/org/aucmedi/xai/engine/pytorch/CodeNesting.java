package org.aucmedi.xai.engine.pytorch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Measures how deeply code is nested: libtorch's parser recurses for every level, and the stack of
 * a Java thread holds a few hundred. Code written by libtorch nests a few dozen levels.
 *
 * <p>A level is an indented block, a branch of an {@code elif}, a bracket, or an operator since the
 * last comma, since those nest as well ({@code a.b.c}, {@code not not a}).
 */
final class CodeNesting {

  private static final int MAX_LEVELS = 250;

  /** Operators that are words. */
  private static final Set<String> WORDS = Set.of("not", "and", "or", "if", "else", "is", "in");

  private static final class Block {

    private final int indentation;
    private int levels = 1;

    Block(int indentation) {
      this.indentation = indentation;
    }
  }

  private final String code;
  private final Deque<Block> blocks = new ArrayDeque<>();

  /** The number of operators since the last comma, for the statement and for every open bracket. */
  private final Deque<Integer> chains = new ArrayDeque<>();

  private int position;
  private int blockLevels;
  private int operators;
  private int deepest;

  private CodeNesting(String code) {
    this.code = code;
  }

  /** Returns whether code is nested too deeply to parse. */
  static boolean isTooDeep(String code) {
    return levels(code) > MAX_LEVELS;
  }

  /** Returns the maximum nesting depth. */
  static int levels(String code) {
    return new CodeNesting(code).measure();
  }

  private int measure() {
    startStatement();
    while (position < code.length()) {
      char c = code.charAt(position);
      if (c == '"' || c == '\'') {
        skipString(c);
      } else if (c == '#') {
        skipTo('\n');
      } else if (Character.isJavaIdentifierPart(c)) {
        count(WORDS.contains(word()) ? 1 : 0);
      } else {
        position++;
        sign(c);
      }
      deepest = Math.max(deepest, blockLevels + chains.size() - 1 + operators);
    }
    return deepest;
  }

  private void sign(char c) {
    switch (c) {
      case '(', '[', '{' -> chains.push(0);
      case ')', ']', '}' -> {
        count(-chains.element());
        if (chains.size() > 1) {
          chains.pop();
        }
        count(1); // f(x)(y)
      }
      case ',' -> count(-chains.element());
      case '\n' -> {
        if (chains.size() == 1) {
          startStatement();
        }
      }
      case ' ', '\t', '\r' -> {}
      default -> count(1);
    }
  }

  /** Adds to the innermost chain. */
  private void count(int more) {
    chains.push(chains.pop() + more);
    operators += more;
  }

  private void startStatement() {
    chains.clear();
    chains.push(0);
    operators = 0;
    int start = position;
    while (position < code.length() && code.charAt(position) == ' ') {
      position++;
    }
    if (position == code.length() || "\r\n#".indexOf(code.charAt(position)) >= 0) {
      return;
    }
    int indentation = position - start;
    while (!blocks.isEmpty() && blocks.element().indentation > indentation) {
      blockLevels -= blocks.pop().levels;
    }
    if (blocks.isEmpty() || blocks.element().indentation < indentation) {
      blocks.push(new Block(indentation));
      blockLevels++;
    }
    Block block = blocks.element();
    int levels = code.startsWith("elif", position) ? block.levels + 1 : 1;
    blockLevels += levels - block.levels;
    block.levels = levels;
  }

  private String word() {
    int start = position;
    while (position < code.length() && Character.isJavaIdentifierPart(code.charAt(position))) {
      position++;
    }
    return code.substring(start, position);
  }

  private void skipString(char quote) {
    String triple = String.valueOf(quote).repeat(3);
    if (code.startsWith(triple, position)) {
      int end = code.indexOf(triple, position + 3);
      position = end < 0 ? code.length() : end + 3;
      return;
    }
    position++;
    while (position < code.length() && code.charAt(position) != quote) {
      position += code.charAt(position) == '\\' ? 2 : 1;
    }
    position++;
  }

  private void skipTo(char end) {
    int found = code.indexOf(end, position);
    position = found < 0 ? code.length() : found;
  }
}
