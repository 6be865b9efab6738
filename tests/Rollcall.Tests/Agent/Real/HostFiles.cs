using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent.Real;

/// <summary>The configuration of the host's programs.</summary>
internal static class HostFiles
{
    public static string Sesman(TemporaryFolder folder, int port) => $"""
            [Globals]
            ListenAddress=127.0.0.1
            ListenPort={port}
            EnableUserWindowManager=false
            DefaultWindowManager={folder.File("wm.sh")}
            [Security]
            AllowRootLogin=false
            MaxLoginRetry=4
            [Sessions]
            X11DisplayOffset={300 + (port % 500)}
            MaxSessions=10
            KillDisconnected=false
            Policy=Default
            [Logging]
            LogFile={folder.File("sesman.log")}
            LogLevel=INFO
            EnableSyslog=false
            [Xorg]
            param=/usr/lib/xorg/Xorg
            param=-config
            param=xrdp/xorg.conf
            param=-noreset
            param=-nolisten
            param=tcp
            param=-logfile
            param=.xorgxrdp.%s.log
            [Chansrv]
            FuseMountName=thinclient_drives
            """;

    public static string Xrdp(TemporaryFolder folder, int port) => $"""
            [Globals]
            ini_version=1
            fork=true
            port=tcp://127.0.0.1:{port}
            security_layer=tls
            certificate={folder.File("tls.pem")}
            key_file={folder.File("tls.key")}
            ssl_protocols=TLSv1.2, TLSv1.3
            allow_channels=true
            max_bpp=24
            [Logging]
            LogFile={folder.File("xrdp.log")}
            LogLevel=INFO
            EnableSyslog=false
            [Channels]
            rdpdr=false
            rdpsnd=false
            drdynvc=true
            cliprdr=false
            rail=false
            [Xorg]
            name=Xorg
            lib=libxup.so
            username=ask
            password=ask
            ip=127.0.0.1
            port=-1
            code=20
            """;

    /// <summary>Debian's own form of a line: an RFC 3339 time before the tag.</summary>
    public static string Rsyslog(TemporaryFolder folder) => $"""
            module(load="imuxsock" SysSock.Use="off")
            input(type="imuxsock" Socket="{folder.File("log.sock")}" UseSysTimeStamp="off")
            template(name="traditional" type="string" string="%timestamp:::date-rfc3339% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\n")
            *.* action(type="omfile" file="{folder.File("auth.log")}" template="traditional")
            """;

    public static string Sshd(TemporaryFolder folder, int port) => $"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {folder.File("host")}
            AuthorizedKeysFile {folder.File("authorized")}
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            UsePAM yes
            PidFile none
            """;
}
