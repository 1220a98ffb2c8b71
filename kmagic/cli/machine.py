"""What the machine, or the container on it, allows: CPUs and memory."""

import os
import platform
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
CGROUP_1_UNLIMITED = 1 << 60


def describe_cpu() -> str:
    """The processor, its CPUs, and how many of them this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quota = cpu_quota()
    limit = f", at most {quota:g} at a time (container)" if quota else ""
    return f"{processor()}, {os.cpu_count()} CPUs, {allowed} usable{limit}"


def describe_memory() -> str:
    """The memory of the machine and the container's limit."""
    total, limit = total_memory(), memory_limit()
    size = f"{total / 2**30:.1f} GiB" if total else "unknown"
    return f"{size}, limit {limit / 2**30:.1f} GiB (container)" if limit else f"{size}, no container limit"


def processor() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def cpu_quota(root: Path = CGROUP) -> float | None:
    """How many CPUs the control group allows at a time (versions 2 and 1), or None."""
    text = read(root / "cpu.max") or f"{read(root / 'cpu/cpu.cfs_quota_us')} {read(root / 'cpu/cpu.cfs_period_us')}"
    quota, _, period = text.partition(" ")
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None


def memory_limit(root: Path = CGROUP) -> int | None:
    """The bytes that the control group allows (versions 2 and 1), or None."""
    text = read(root / "memory.max") or read(root / "memory/memory.limit_in_bytes")
    return int(text) if text.isdigit() and int(text) < CGROUP_1_UNLIMITED else None


def total_memory() -> int | None:
    """The machine's memory in bytes, or None where the system does not tell."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def read(path: Path) -> str:
    """The text of a small file, empty if there is none."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""
