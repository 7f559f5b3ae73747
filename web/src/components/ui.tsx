// SPDX-License-Identifier: ISC
// The small parts all pages are made of: the one door to them.
export { NO_LIMIT } from '../lib/format';
export { Badge, type Kind } from './ui/Badge';
export { Banner } from './ui/Banner';
export { Code, copy, Digest, Script } from './ui/Code';
export { ConfirmName } from './ui/ConfirmName';
export { Dialog } from './ui/Dialog';
export { Diff } from './ui/Diff';
export { Empty } from './ui/Empty';
export { Fact } from './ui/Fact';
export { Check, Choice, Field, FormProblem, TypeName } from './ui/Field';
export { ListEditor } from './ui/ListEditor';
export { Loading } from './ui/Loading';
export { Meter } from './ui/Meter';
export { Page } from './ui/Page';
export { Segments } from './ui/Segments';
export { Stale } from './ui/Stale';
export { Table, type Column } from './ui/Table';
export { Tabs } from './ui/Tabs';
export { Age, Ago } from './ui/Time';
