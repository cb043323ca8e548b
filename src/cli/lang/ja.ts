import type { AttestErrorCode } from '../../attest/errors.ts';
import type { BuilderErrorCode } from '../../builder/errors.ts';
import type { ConfigErrorCode } from '../../config/errors.ts';
import type { DeviceErrorCode } from '../../device/errors.ts';
import type { FlowErrorCode } from '../../flow/errors.ts';
import type { ImageErrorCode } from '../../image/errors.ts';
import type { IoErrorCode } from '../../io/errors.ts';
import type { MapeErrorCode } from '../../mape/errors.ts';
import type { OverlayErrorCode, OverlayFindingCode } from '../../overlay/errors.ts';
import type { PlanErrorCode } from '../../plan/errors.ts';
import type { ReleaseErrorCode } from '../../release/errors.ts';
import type { CliErrorCode } from '../errors.ts';
import { attest, attestFindings } from './ja/attest.ts';
import { builder } from './ja/builder.ts';
import { cli } from './ja/cli.ts';
import { config } from './ja/config.ts';
import { configFields } from './ja/config-fields.ts';
import { container, containerFindings } from './ja/container.ts';
import { containerEngine } from './ja/container-engine.ts';
import { device } from './ja/device.ts';
import { fetch } from './ja/fetch.ts';
import { flow, imageFindings } from './ja/flow.ts';
import { image } from './ja/image.ts';
import { imageChecks, imageFiles } from './ja/image-checks.ts';
import { inspect, scriptFindings } from './ja/inspect.ts';
import { io } from './ja/io.ts';
import { mape } from './ja/mape.ts';
import { overlay } from './ja/overlay.ts';
import { plan, planFindings } from './ja/plan.ts';
import { release } from './ja/release.ts';
import { disagreements } from './ja/services.ts';
import { squashfs } from './ja/squashfs.ts';
import type { Say } from './ja/text.ts';

type ErrorCode =
  | AttestErrorCode
  | BuilderErrorCode
  | CliErrorCode
  | ConfigErrorCode
  | DeviceErrorCode
  | FlowErrorCode
  | ImageErrorCode
  | IoErrorCode
  | MapeErrorCode
  | OverlayErrorCode
  | OverlayFindingCode
  | PlanErrorCode
  | ReleaseErrorCode;

/** The Japanese sentence of every code; a code without one is an error of the compiler, or of the tests where it has no type. */
export const japanese = {
  ...mape,
  ...disagreements,
  ...config,
  ...configFields,
  ...device,
  ...release,
  ...overlay,
  ...plan,
  ...planFindings,
  ...image,
  ...container,
  ...containerFindings,
  ...squashfs,
  ...io,
  ...attest,
  ...attestFindings,
  ...builder,
  ...containerEngine,
  ...flow,
  ...fetch,
  ...imageFindings,
  ...inspect,
  ...scriptFindings,
  ...imageFiles,
  ...imageChecks,
  ...cli,
} satisfies Record<ErrorCode, Say>;
