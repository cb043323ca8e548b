import type { Finding } from '../../errors.ts';

const DAMAGED = 'the image was damaged after it was made; do not flash it: build or download it again';

/** @param wanted and `found` in hexadecimal */
export function checksumWrong(what: string, algorithm: string, wanted: string, found: string): Finding {
  return {
    severity: 'error',
    code: 'IMAGE_CHECKSUM_WRONG',
    message: `wanted ${algorithm} ${wanted} of the ${what}, found ${found}`,
    hint: DAMAGED,
    details: { what, algorithm, wanted, found },
  };
}

/** An algorithm this tool cannot check. */
export function checksumUnknown(what: string, algorithm: string): Finding {
  return {
    severity: 'warning',
    code: 'IMAGE_CHECKSUM_UNKNOWN',
    message: `the ${algorithm} of the ${what} was not checked: it is no checksum known here`,
    hint: 'compare the sha256 of the file with the one that is published',
    details: { what, algorithm },
  };
}

export function unknownBytes(offset: number, sizeBytes: number): Finding {
  return {
    severity: 'warning',
    code: 'IMAGE_UNKNOWN_BYTES',
    message: `${sizeBytes} bytes at byte ${offset} belong to nothing that is known`,
    hint: 'compare the sha256 of the file with the one that is published',
    details: { offset, sizeBytes },
  };
}

export function noMarker(offset: number): Finding {
  return {
    severity: 'warning',
    code: 'IMAGE_NO_MARKER',
    message: `no mark deadc0de follows the root file system that ends at byte ${offset}`,
    hint: 'old settings in the flash may come back after flashing: sysupgrade -n does not erase them',
    details: { offset },
  };
}

/** @param wanted what the header says, in bytes */
export function sizeDiffers(what: string, wanted: number, found: number): Finding {
  return {
    severity: 'error',
    code: 'IMAGE_SIZE_DIFFERS',
    message: `wanted ${wanted} bytes as the ${what} says, found ${found}`,
    hint: DAMAGED,
    details: { what, wanted, found },
  };
}

export function metadataInvalid(reason: string): Finding {
  return {
    severity: 'error',
    code: 'IMAGE_METADATA_INVALID',
    message: `the metadata at the end of the image cannot be read: ${reason}`,
    hint: 'a router refuses such an image; build or download it again',
    details: { reason },
  };
}

export function signatureUnreadable(offset: number): Finding {
  return {
    severity: 'warning',
    code: 'IMAGE_SIGNATURE_UNREADABLE',
    message: `the signature at byte ${offset} is neither of ucert nor of usign`,
    hint: 'routers pass over it unless ucert is installed',
    details: { offset },
  };
}
