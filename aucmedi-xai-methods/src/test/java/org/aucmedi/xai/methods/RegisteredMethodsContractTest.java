package org.aucmedi.xai.methods;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Without an engine, on networks in plain Java. */
@ParameterizedClass
@MethodSource("methods")
final class RegisteredMethodsContractTest extends RegisteredMethodsContract {}
