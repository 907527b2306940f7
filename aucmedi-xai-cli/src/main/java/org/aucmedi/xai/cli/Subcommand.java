package org.aucmedi.xai.cli;

import java.util.concurrent.Callable;

/**
 * A command of another module, which the {@linkplain Launcher launcher} finds with {@link
 * java.util.ServiceLoader}. Its class has picocli's {@link picocli.CommandLine.Command} annotation;
 * the result is its exit code.
 */
public interface Subcommand extends Callable<Integer> {}
