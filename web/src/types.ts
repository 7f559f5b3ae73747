// SPDX-License-Identifier: ISC
// What the API says of volumes.
export interface Content {
  state: 'zeroes' | 'whole' | 'partial' | 'unknown';
  detail: string;
  bytes: number;
  sha256: string | null;
  at: string;
  user: string | null;
  operation: number | null;
}

export interface Volume {
  instance: string;
  project: string;
  name: string;
  size: number;
  in_use: boolean;
  used_by: { name: string; device: string }[];
  content: Content | null;
  operation: number | null;
}

export interface VolumeQuota {
  instance: string;
  project: string;
  allowed: number | null;
  used: number;
}

export interface VolumeList {
  items: Volume[];
  next: string | null;
  errors: { instance: string; title: string; detail?: string }[];
  as_of: string;
  quotas: VolumeQuota[];
}
