// SPDX-License-Identifier: ISC
// In place of a page for administrators, for who is none, or no more.
import * as pages from '../text/pages';
import { Empty } from './ui';

export const AdminsOnly = () => (
  <Empty title={pages.adminsOnly}>
    <p><a class="button" href="/overview">{pages.overview}</a></p></Empty>
);
