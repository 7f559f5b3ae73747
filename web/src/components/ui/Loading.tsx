// SPDX-License-Identifier: ISC
import * as common from '../../text/common';

/** In place of what was asked for and is not there yet. */
export const Loading = () => <p class="quiet">{common.loading}</p>;
