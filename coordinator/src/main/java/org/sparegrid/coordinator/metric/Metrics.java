// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.metric;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/// All figures of one coordinator, in the text format of Prometheus.
public final class Metrics implements AutoCloseable {
    /// What Prometheus asks for: version 0.0.4 of its text format.
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /// Bounds of the histogram of answers.
    private static final Duration[] BOUNDS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10)
    };

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /// The registry itself holds them weakly, and would forget them.
    private final List<LongSupplier> asked = new ArrayList<>();

    /// With the figures of the process itself.
    public Metrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    /// A figure that goes up and down; it is asked for whenever somebody looks.
    ///
    /// @param name in lower case with dots
    public void gauge(String name, String what, LongSupplier value) {
        asked.add(value);
        Gauge.builder(name, value, LongSupplier::getAsLong).description(what).register(registry);
    }

    /// A figure that only grows.
    public void counter(String name, String what, LongSupplier value) {
        asked.add(value);
        FunctionCounter.builder(name, value, LongSupplier::getAsLong)
                .description(what)
                .register(registry);
    }

    /// A request was answered.
    ///
    /// @param operation its name in openapi.yaml
    public void answered(String operation, int status, Duration took) {
        Timer.builder("sparegrid.requests")
                .description("Requests by operation and status.")
                .tag("operation", operation)
                .tag("status", Integer.toString(status))
                .serviceLevelObjectives(BOUNDS)
                .register(registry)
                .record(took);
    }

    /// All of it now.
    public String text() {
        return registry.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
