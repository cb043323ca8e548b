// procd, as far as one service needs it: started, started again five seconds after it ended, stopped by a signal to it
// alone, whatever it has started.
// @see openwrt/procd service/instance.c (respawn, instance_stop)
const RESPAWN_MS = 5000;

/** @param world `{run, log}` */
export function makeServices(world) {
  const stops = new Map();
  const stop = (name) => {
    stops.get(name)?.();
    stops.delete(name);
  };
  const start = (name, command) => {
    let stopped = false;
    let child;
    const run = () => {
      child = world.run(command.split(' '));
      child.on('exit', (code) => {
        if (stopped) return;
        world.log(`service ${name} ended with ${code}`);
        setTimeout(() => stopped || run(), RESPAWN_MS).unref();
      });
    };
    stops.set(name, () => {
      stopped = true;
      child.kill('SIGTERM');
    });
    run();
  };
  return {
    /** `start NAME COMMAND` or `stop NAME` */
    command([verb, name, command]) {
      stop(name);
      if (verb === 'start') start(name, command);
      return { code: 0 };
    },
  };
}
