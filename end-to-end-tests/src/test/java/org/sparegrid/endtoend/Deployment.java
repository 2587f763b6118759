// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.sparegrid.testsupport.Command;
import org.sparegrid.testsupport.NetworkLab;

/// A coordinator, one seller and one buyer as their users run them: the launchers of `bin/`, each
/// in a network namespace of its own, seller and buyer without any privilege.
final class Deployment implements AutoCloseable {
    /// Where the coordinator's SSH gateway listens.
    static final int SSH_PORT = 2222;

    private static final String UNPRIVILEGED = "65534";

    /// Where X servers listen, by their protocol; the folder of ours stands in for it.
    private static final String DISPLAYS_OF_ALL = "/tmp/.X11-unix";

    private static final String DISPLAYS = "displays";

    /// Tells one start of the computer from the next. Source: random(4).
    private static final String BOOT_ID = "/proc/sys/kernel/random/boot_id";

    private final Path work;
    private final Path agentHome;
    private final NetworkLab lab = new NetworkLab();
    private final Map<String, String> addresses = new HashMap<>();
    private final List<Process> started = new ArrayList<>();
    private String moreSettings = "";

    Deployment() throws IOException, InterruptedException {
        this("");
    }

    /// A deployment whose agent keeps its files in a folder below the seller's home.
    ///
    /// @param below a path, empty for the home itself
    /// @param more parties who sell or buy as well
    Deployment(String below, String... more) throws IOException, InterruptedException {
        work = Files.createTempDirectory(Path.of("/tmp"), "sge");
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        addresses.put("coordinator", lab.addHost("coordinator"));
        agentHome = home("seller").resolve(below);
        Programs.stage(work);
        Files.createDirectory(work.resolve(DISPLAYS));
        Command.run("mkdir", "-p", DISPLAYS_OF_ALL);
        List<String> parties = new ArrayList<>(List.of("seller", "buyer"));
        parties.addAll(List.of(more));
        for (String party : parties) {
            addresses.put(party, lab.addHost(party));
            Path home = Files.createDirectory(work.resolve(party));
            Path password = home.resolve("password");
            Files.writeString(password, "a password for " + party + "\n");
            Files.createDirectories(party.equals("seller") ? agentHome : home);
            Command.run("chown", "-R", UNPRIVILEGED + ":" + UNPRIVILEGED, home.toString());
        }
    }

    /// The address of a party on the lab's network.
    String address(String party) {
        return addresses.get(party);
    }

    /// The folder of a party's files.
    Path home(String party) {
        return work.resolve(party);
    }

    /// The folder of the agent's files.
    Path agentHome() {
        return agentHome;
    }

    /// The folder of the agent's sockets, which is below `/tmp` if the other's path is long.
    Path agentRuntime() {
        Path near = agentHome.resolve("r");
        UUID digest = UUID.nameUUIDFromBytes(agentHome.toString().getBytes(StandardCharsets.UTF_8));
        return near.toString().length() <= 40
                ? near
                : Path.of("/tmp/sg-" + UNPRIVILEGED + "-" + digest.toString().substring(0, 8));
    }

    /// Whether a process is one of the deployment's, by its command line.
    private boolean isOurs(String commandLine) {
        return commandLine.contains(work.toString())
                || commandLine.contains(agentRuntime().toString());
    }

    /// Lines for the coordinator's settings, before it is first started.
    void coordinatorSettings(String... lines) {
        for (String line : lines) {
            moreSettings += line + "\n";
        }
    }

    /// Starts the coordinator, with settings that bill every few seconds.
    Process startCoordinator() throws IOException, InterruptedException {
        Path settings = home("coordinator").resolve("coordinator.toml");
        if (!Files.exists(settings)) {
            run(coordinator("init", "--public-address", address("coordinator"))).orFail();
            Files.writeString(
                    settings,
                    Files.readString(settings)
                                    .replace(
                                            "settle-interval = \"60 s\"",
                                            "settle-interval = \"5 s\"")
                            + "ssh-port = "
                            + SSH_PORT
                            + "\n"
                            + moreSettings);
        }
        return start("coordinator", coordinator("serve"));
    }

    /// Starts a market with one seller, whose agent is not started yet, and a buyer with money.
    ///
    /// @param offer the seller's settings
    Process openMarket(String... offer) throws Exception {
        Process coordinator = startCoordinator();
        String token = invite();
        seller("init").orFail();
        List<String> words = new ArrayList<>(List.of("offer", "set"));
        words.addAll(List.of(offer));
        seller(words.toArray(new String[0])).orFail();
        seller("join", token).orFail();
        return coordinator;
    }

    /// Gives seller and buyer accounts, and the buyer money.
    ///
    /// @return a token to join with
    String invite() throws Exception {
        String authority = operator("fingerprint").orFail().lines().toList().getLast();
        String url = "https://" + address("coordinator") + ":7443";
        for (String party : List.of("seller", "buyer")) {
            String[] register = {
                "register", url, "--authority-sha256", authority, "--email", party + "@example.org"
            };
            await(
                    Duration.ofMinutes(1),
                    "the coordinator",
                    () -> buyer(party, register).exitCode() == 0);
        }
        buyer("buyer", "wallet", "deposit", "10").orFail();
        return buyer("seller", "join-token").orFail();
    }

    /// Has the buyer upload an image.
    void push(Path image, String name, String... options) throws IOException, InterruptedException {
        Path copy = home("buyer").resolve(name + ".iso");
        Files.copy(image, copy);
        List<String> words = new ArrayList<>(List.of("image", "push", "" + copy, "--name", name));
        words.addAll(List.of(options));
        buyer("buyer", words.toArray(String[]::new)).orFail();
    }

    /// Waits until the buyer sees an offer at this price.
    void awaitOffer(String price) throws InterruptedException {
        await(
                Duration.ofMinutes(3),
                "the offer",
                () -> buyer("buyer", "offers", "--json").output().contains(price));
    }

    /// What a program's `--json` says of a field, the last time that it has it.
    static String field(String json, String name) {
        return json.lines()
                .filter(line -> line.contains("\"" + name + "\""))
                .map(line -> line.replaceAll(".*: \"?([^\",]*)\"?,?$", "$1"))
                .toList()
                .getLast();
    }

    /// Makes agents that are started from now on believe that the computer was.
    void startAnew() throws IOException {
        Files.writeString(work.resolve(DISPLAYS + ".boot"), UUID.randomUUID() + "\n");
    }

    /// Starts the seller's agent.
    Process startAgent() throws IOException {
        return startAgent("seller");
    }

    /// Starts the agent of a party that sells.
    Process startAgent(String party) throws IOException {
        return start(party, withDisplays(agent(party, "run", "--stop-guests")));
    }

    /// Runs a command of the agent's program as a party that sells.
    Command.Result sellerOn(String party, String... arguments)
            throws IOException, InterruptedException {
        return run(agent(party, arguments));
    }

    /// Starts a command of the agent's program as the seller; what it prints goes to `NAME.log`.
    Process startSeller(String name, String... arguments) throws IOException {
        return start(name, agent("seller", arguments));
    }

    /// Runs a command of the agent's program as the seller.
    Command.Result seller(String... arguments) throws IOException, InterruptedException {
        return sellerOn("seller", arguments);
    }

    /// Runs a command of the buyer's program; the seller's person uses it as well.
    Command.Result buyer(String party, String... arguments)
            throws IOException, InterruptedException {
        return run(person(party, arguments));
    }

    /// Runs OpenSSH as the buyer, with the key and the settings of the file `config`.
    Command.Result openSsh(Path config, String... arguments)
            throws IOException, InterruptedException {
        List<String> words = unprivileged("buyer");
        words.addAll(List.of("ssh", "-F", config.toString()));
        words.addAll(List.of(arguments));
        return run(lab.on("buyer", words));
    }

    private List<String> coordinator(String... arguments) {
        List<String> words = new ArrayList<>(List.of(program("sparegrid-coordinator")));
        words.addAll(List.of(arguments));
        words.addAll(List.of("--home", home("coordinator").toString()));
        return lab.on("coordinator", words);
    }

    /// Runs a command of the coordinator's program.
    Command.Result operator(String... arguments) throws IOException, InterruptedException {
        return run(coordinator(arguments));
    }

    private List<String> agent(String party, String... arguments) {
        List<String> words = unprivileged(party);
        words.add(program("sparegrid-agent"));
        Path files = party.equals("seller") ? agentHome : home(party);
        words.addAll(List.of("--home", files.toString()));
        words.addAll(List.of(arguments));
        return lab.on(party, words);
    }

    /// A program that sees the X servers of this deployment and none else of this computer, nor is
    /// one of it seen by others.
    private List<String> withDisplays(List<String> program) {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "--mount",
                                "sh",
                                "-c",
                                "mount --bind \"$0\" "
                                        + DISPLAYS_OF_ALL
                                        + " && { [ ! -e \"$0.boot\" ] || mount --bind \"$0.boot\" "
                                        + BOOT_ID
                                        + "; } && exec \"$@\"",
                                work.resolve(DISPLAYS).toString()));
        words.addAll(program);
        return words;
    }

    /// The words that run a program on a party's host with the deployment's X servers.
    List<String> onDesktop(String party, List<String> program) {
        return withDisplays(lab.on(party, program));
    }

    /// Starts an X server on a party's host; what it prints goes to `NAME.log`.
    Process startDesktop(String party, String name, String... words) throws IOException {
        return start(name, onDesktop(party, List.of(words)));
    }

    private List<String> person(String party, String... arguments) {
        List<String> words = unprivileged(party);
        words.add("SPAREGRID_HOME=" + home(party).resolve("buyer"));
        words.add("SPAREGRID_PASSWORD_FILE=" + home(party).resolve("password"));
        words.add(program("sparegrid"));
        words.addAll(List.of(arguments));
        return lab.on(party, words);
    }

    private List<String> unprivileged(String party) {
        return new ArrayList<>(
                List.of(
                        "setpriv",
                        "--reuid=" + UNPRIVILEGED,
                        "--regid=" + UNPRIVILEGED,
                        "--clear-groups",
                        "env",
                        "-i",
                        "PATH=" + System.getenv("PATH"),
                        "JAVA_HOME=" + System.getProperty("java.home"),
                        "LANG=C.UTF-8",
                        "HOME=" + home(party)));
    }

    /// The folder of the programs as they were built.
    Path programs() {
        return work.resolve("programs");
    }

    private String program(String name) {
        return work.resolve("programs/bin").resolve(name).toString();
    }

    private Process start(String name, List<String> words) throws IOException {
        Process process =
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        work.resolve(name + ".log").toFile()))
                        .start();
        started.add(process);
        return process;
    }

    /// The last lines that a started program printed.
    String logTail(String name) throws IOException {
        List<String> lines = Files.readAllLines(work.resolve(name + ".log"));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    }

    /// Starts any program on a party's host, as root; what it prints goes to `NAME.log`.
    Process startOn(String party, String name, String... words) throws IOException {
        return start(name, lab.on(party, List.of(words)));
    }

    /// Runs any program on a party's host, as root.
    Command.Result runOn(String party, String... words) throws IOException, InterruptedException {
        return run(lab.on(party, List.of(words)));
    }

    private static Command.Result run(List<String> words) throws IOException, InterruptedException {
        return Command.attempt(new ProcessBuilder(words));
    }

    /// Waits until something holds; what it throws counts as not yet.
    static void await(Duration patience, String what, Callable<Boolean> holds)
            throws InterruptedException {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        Throwable last = null;
        while (System.nanoTime() < deadlineNanos) {
            try {
                if (holds.call()) {
                    return;
                }
            } catch (Exception | AssertionError notYet) {
                last = notYet;
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
        throw new AssertionError(
                "waited too long for " + what + (last == null ? "" : ": " + last.getMessage()),
                last);
    }

    /// The processes whose command line holds a text and a folder of the deployment.
    List<ProcessHandle> processes(String text) {
        return ProcessHandle.allProcesses()
                .filter(process -> isOurs(commandLine(process)))
                .filter(process -> commandLine(process).contains(text))
                .toList();
    }

    static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", "" + process.pid(), "cmdline"))
                    .replace('\0', ' ');
        } catch (IOException gone) {
            return "";
        }
    }

    /// Ends all that is left and removes all files.
    @Override
    public void close() throws IOException {
        started.forEach(Process::destroy);
        try {
            for (int i = 0; i < 60 && !processes("").isEmpty(); i++) {
                TimeUnit.MILLISECONDS.sleep(250);
            }
            processes("").forEach(ProcessHandle::destroyForcibly);
            lab.close();
            Command.run("rm", "-rf", "--one-file-system", "" + work, "" + agentRuntime());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the deployment was removed", interrupted);
        }
    }
}
