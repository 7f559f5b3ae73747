// SPDX-License-Identifier: ISC
// Why a file is no image that can be deployed.

export const cannot = (why: string) => `This image can not be deployed: ${why}.`;

export const noteCut = 'a note is cut off';
export const noteLarge = 'a note is too large';
export const nameOpen = 'a device name is not ended';
export const manifestCut = 'the manifest is cut off';
export const deviceUnknown = 'the manifest has an unknown device';
export const fileCut = 'the file is cut off';
export const noElf = 'it is no ELF file';
export const otherElf = 'it is no 64 bit little endian ELF file';
export const headersBad = 'its program headers are malformed';
export const noUnikernel = 'it is no solo5 unikernel';
