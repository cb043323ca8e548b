#!/bin/busybox sh
# First program of the laboratory's machine: file systems, kernel modules, then the agent that obeys the host.
/bin/busybox mkdir -p /bin /sbin /usr/bin /usr/sbin /proc /sys /dev /run /tmp /routers
/bin/busybox --install -s
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir -p /dev/pts && mount -t devpts devpts /dev/pts
# Log lines at most of errors: the console is slow, and it is the place where a panic is read.
dmesg -n 4
while read -r module; do
	insmod "/modules/$module.ko" || echo "lab: module $module was not loaded"
done </modules/order
ip link set lo up
node /lab/agent.mjs || echo "lab: the agent ended with $?"
poweroff -f
