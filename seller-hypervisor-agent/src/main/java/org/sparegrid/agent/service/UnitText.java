// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.service;

import java.nio.file.Path;

/// The units as systemd reads them. Source: systemd.service(5), systemd.exec(5),
/// systemd.resource-control(5).
final class UnitText {
    /// A hundredth of what any other has, beside others only. Not nothing, so that the agent still
    /// answers its coordinator while the owner's work takes all there is.
    private static final String GIVES_WAY = "CPUWeight=1\nIOWeight=1\n";

    /// What the agent, libvirtd, QEMU and the sandbox around them never need. It is the kernel's
    /// filter of system calls only: what would hide parts of `/proc` or the kernel's settings keeps
    /// the sandbox from having a `/proc` of its own, and what would close devices closes
    /// `/dev/kvm`.
    private static final String LOCKED_DOWN =
            """
            NoNewPrivileges=yes
            LockPersonality=yes
            RestrictRealtime=yes
            RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
            RestrictNamespaces=user mnt net ipc uts
            SystemCallArchitectures=native
            SystemCallFilter=~@clock @cpu-emulation @debug @module @obsolete @raw-io @reboot @swap
            SystemCallErrorNumber=EPERM
            UMask=0077
            LimitCORE=0
            """;

    private UnitText() {}

    /// What the service runs.
    ///
    /// @param launcher the agent's start script
    /// @param java the folder of the Java that it takes, if it is there
    /// @param home the agent's folder, or empty for the usual places
    record Program(Path launcher, Path java, String home) {}

    /// The service of a user's own systemd.
    static String ofUser(Program program) {
        return text("", program, "", GIVES_WAY, "default.target");
    }

    /// A service of the computer's systemd.
    ///
    /// It can write into its user's home, where JNA unpacks a library too, and the agent's folder.
    static String ofSystem(Program program, AgentService.Account account) {
        String writable = quoted("-" + account.home());
        if (!program.home().isEmpty()) {
            writable += " " + quoted("-" + program.home());
        }
        return text(
                // The message bus is left for last: it tells the agent that all goes down.
                "Wants=network-online.target\nAfter=network-online.target dbus.service\n",
                program,
                "User=%s\n%s".formatted(account.name(), lockedDownByRoot(writable)),
                "Slice=" + AgentService.SLICE + "\n",
                "multi-user.target");
    }

    /// What only the computer's systemd can do for an ordinary user.
    private static String lockedDownByRoot(String writable) {
        return """
        CapabilityBoundingSet=
        ProtectSystem=strict
        ReadWritePaths=/tmp /var/tmp %s
        """
                .formatted(writable);
    }

    /// Stopping or restarting the service leaves guests alone, so that an update is a restart.
    private static String text(
            String order, Program program, String owner, String share, String target) {
        String folder = program.home().isEmpty() ? "" : " --home " + argument(program.home());
        return """
        # Written by sparegrid-agent service install.
        [Unit]
        Description=Sparegrid seller agent
        %sStartLimitIntervalSec=600
        StartLimitBurst=10

        [Service]
        # It says when it works. Of a version on trial the launcher is the main process.
        Type=notify
        NotifyAccess=all
        Environment=%s
        ExecStart=%s run%s
        Restart=on-failure
        RestartSec=5
        # Bad settings, or no seller any more: the next try would end the same.
        RestartPreventExitStatus=2 4
        # What Java ends with after SIGTERM.
        SuccessExitStatus=143
        # The agent alone is stopped; guests run on and are taken up again.
        KillMode=process
        TimeoutStartSec=300
        # Guests are parked before the computer or the session goes down.
        TimeoutStopSec=90
        # A guest that needs more memory than it may have ends alone.
        OOMPolicy=continue
        # The agent's own control group, beside which it makes one for each guest.
        Delegate=yes
        DelegateSubgroup=agent
        # All of it gives way to others; within it guests give way to the agent.
        %s%s%s
        [Install]
        WantedBy=%s
        """
                .formatted(
                        order,
                        quoted("JAVA_HOME=" + program.java()),
                        argument(program.launcher().toString()),
                        folder,
                        share,
                        owner,
                        LOCKED_DOWN,
                        target);
    }

    /// The slice around a service of the computer.
    static String slice() {
        return """
        # Written by sparegrid-agent service install.
        [Unit]
        Description=What Sparegrid computes for others

        [Slice]
        """
                + GIVES_WAY;
    }

    /// A word of a command line, in which variables are replaced.
    private static String argument(String word) {
        return quoted(word.replace("$", "$$"));
    }

    private static String quoted(String word) {
        return "\"" + word.replace("\\", "\\\\").replace("\"", "\\\"").replace("%", "%%") + "\"";
    }
}
