# Nothing of OpenWrt's /lib/functions.sh is used by the scripts tried here.
