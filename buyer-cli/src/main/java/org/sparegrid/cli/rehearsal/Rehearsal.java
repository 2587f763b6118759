// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.rehearsal;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.sparegrid.cli.bridge.DaemonLauncher;

/// A market of this computer's own: the real coordinator, one real agent for each machine, and a
/// buyer with play money, all in one folder.
public final class Rehearsal implements AutoCloseable {
    /// `nobody` on every Linux: agents refuse to run as root.
    private static final String NOBODY = "65534";

    private static final int PASSWORD_BYTES = 24;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");
    private static final Duration COORDINATOR_MAX = Duration.ofSeconds(90);
    private static final long LOOK_EVERY_MILLIS = 500;

    private static final System.Logger LOG = System.getLogger(Rehearsal.class.getName());

    private final Programs programs;
    private final Map<String, String> environment;
    private final Site site;
    private final Path folder;
    private final Consumer<String> died;
    private final Children children = new Children();

    /// A market that is not yet there.
    ///
    /// @param folder an empty one, which goes when it is closed
    /// @param died hears of a party that ends before it is closed, and what it said last
    public Rehearsal(
            Programs programs,
            Map<String, String> environment,
            Site site,
            Path folder,
            Consumer<String> died) {
        this.programs = programs;
        this.environment = Map.copyOf(environment);
        this.site = site;
        this.folder = folder;
        this.died = died;
    }

    /// Starts the coordinator and the sellers.
    ///
    /// @param phase hears what it is doing
    public void start(Machines machines, Consumer<String> phase)
            throws IOException, InterruptedException {
        phase.accept("making a network");
        site.open(machines.count());
        phase.accept("starting a coordinator");
        String url = coordinator();
        Files.createDirectory(folder.resolve(Site.BUYER));
        password(Site.BUYER);
        String authority =
                Children.output(
                                site.inside(Site.COORDINATOR),
                                List.of(
                                        programs.coordinator().toString(),
                                        "fingerprint",
                                        "--home",
                                        home(Site.COORDINATOR)),
                                environment)
                        .strip();
        List<String> account = List.of("register", url, "--authority-sha256", authority, "--email");
        registerWhenUp(account);
        quietly(Site.BUYER, List.of("wallet", "deposit", "1000"));
        for (int i = 1; i <= machines.count(); i++) {
            phase.accept("starting seller " + i + " of " + machines.count());
            seller(i, account, machines);
        }
    }

    private String coordinator() throws IOException, InterruptedException {
        int port = 7443;
        if (!site.separate()) {
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
        }
        List<String> home = List.of("--home", home(Site.COORDINATOR));
        List<String> init = new ArrayList<>(List.of(programs.coordinator().toString(), "init"));
        init.addAll(List.of("--public-address", site.coordinatorAddress()));
        init.addAll(List.of("--port", Integer.toString(port)));
        init.addAll(home);
        Children.output(site.inside(Site.COORDINATOR), init, environment);
        if (!site.separate()) {
            // Nobody else on this computer's network has any business there.
            Path settings = Path.of(home(Site.COORDINATOR), "coordinator.toml");
            String text = Files.readString(settings);
            Files.writeString(settings, text.replace("\"0.0.0.0\"", "\"127.0.0.1\""));
        }
        List<String> serve = new ArrayList<>(List.of(programs.coordinator().toString(), "serve"));
        serve.addAll(home);
        children.start(
                site.inside(Site.COORDINATOR), serve, environment, log(Site.COORDINATOR), died);
        return "https://" + site.coordinatorAddress() + ":" + port;
    }

    private void registerWhenUp(List<String> account) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(account);
        words.add("rehearsal@example.org");
        long end = System.nanoTime() + COORDINATOR_MAX.toNanos();
        while (true) {
            try {
                quietly(Site.BUYER, words);
                return;
            } catch (IOException notYet) {
                if (System.nanoTime() > end || !children.allLive()) {
                    throw notYet;
                }
                Thread.sleep(LOOK_EVERY_MILLIS);
            }
        }
    }

    private void seller(int number, List<String> account, Machines machines)
            throws IOException, InterruptedException {
        String seller = Site.seller(number);
        Files.createDirectory(folder.resolve(seller));
        password(seller);
        List<String> register = new ArrayList<>(account);
        register.add(seller + "@example.org");
        quietly(seller, register);
        String token = quietly(seller, List.of("join-token")).strip();
        if (site.separate()) {
            Children.output(
                    List.of(),
                    List.of("chown", "-R", NOBODY + ":" + NOBODY, home(seller)),
                    Map.of());
        }
        agent(seller, List.of("init"));
        List<String> offer = new ArrayList<>(List.of("offer", "set", "name=" + seller));
        offer.add("price-per-hour=0.01");
        offer.add("cpus=" + machines.cpus());
        offer.add("memory=" + machines.memoryMib() + " MiB");
        if (machines.diskMib() > 0) {
            offer.add("disk=" + machines.diskMib() + " MiB");
        }
        offer.add("sell-emulated=true");
        offer.add("udp-port=" + udpPort(number));
        agent(seller, offer);
        agent(seller, List.of("join", token));
        children.start(
                site.inside(seller),
                agentWords(seller, List.of("run", "--stop-guests")),
                Map.of(),
                log(seller),
                died);
    }

    private int udpPort(int number) throws IOException {
        if (site.separate()) {
            return 41_776 + number;
        }
        try (DatagramSocket free = new DatagramSocket(0)) {
            return free.getLocalPort();
        }
    }

    private void agent(String seller, List<String> words) throws IOException, InterruptedException {
        Children.output(site.inside(seller), agentWords(seller, words), Map.of());
    }

    private List<String> agentWords(String seller, List<String> words) {
        List<String> command = new ArrayList<>();
        if (site.separate()) {
            command.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY));
            command.addAll(List.of("--clear-groups", "--no-new-privs"));
        }
        command.addAll(List.of("env", "-i", "LANG=C.UTF-8", "HOME=" + home(seller)));
        command.add("SPAREGRID_START_ARCHIVE=no");
        command.add("JAVA_HOME=" + System.getProperty("java.home"));
        command.add("PATH=" + environment.getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"));
        command.addAll(List.of(programs.agent().toString(), "--home", home(seller)));
        command.addAll(words);
        return command;
    }

    /// Runs this program as `party` and gives what it printed.
    private String quietly(String party, List<String> words)
            throws IOException, InterruptedException {
        return Children.output(
                site.inside(party), DaemonLauncher.program(false, words), environment(party));
    }

    /// Runs this program as the buyer, on this terminal, and gives its exit code.
    public int buyer(List<String> words) throws IOException, InterruptedException {
        List<String> command = DaemonLauncher.program(false, words);
        return children.attached(site.inside(Site.BUYER), command, environment(Site.BUYER));
    }

    /// The words that do the same from another terminal.
    public String buyerPrompt() {
        List<String> words = new ArrayList<>(site.inside(Site.BUYER));
        words.addAll(List.of("env", "SPAREGRID_HOME=" + home(Site.BUYER), "sparegrid"));
        return String.join(" ", words);
    }

    private Map<String, String> environment(String party) {
        Map<String, String> own = new HashMap<>(environment);
        own.remove("SPAREGRID_TOKEN");
        own.put("SPAREGRID_HOME", home(party));
        own.put("SPAREGRID_PASSWORD_FILE", folder.resolve(party + ".password").toString());
        return own;
    }

    private void password(String party) throws IOException {
        byte[] random = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(random);
        Path file = folder.resolve(party + ".password");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.writeString(file, Base64.getEncoder().encodeToString(random));
    }

    private String home(String party) {
        return folder.resolve(party).toString();
    }

    private Path log(String party) {
        return folder.resolve(party + ".log");
    }

    /// Ends the buyer's network daemon, which outlives the command that started it.
    private void leaveNetwork() throws InterruptedException {
        try {
            quietly(Site.BUYER, List.of("net", "down"));
        } catch (IOException none) {
            LOG.log(System.Logger.Level.DEBUG, "the buyer was on no network", none);
        }
    }

    /// Ends all programs and their guests, and removes the site and the folder.
    @Override
    public synchronized void close() throws IOException {
        try {
            children.dismiss();
            leaveNetwork();
            children.close();
            Children.endStrays(folder);
            site.close();
            Children.output(List.of(), List.of("rm", "-rf", "--", folder.toString()), Map.of());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted; left over: " + folder, interrupted);
        }
    }
}
