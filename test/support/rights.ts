/**
 * Who may use which route of the hub, written down apart from the hub: the expectation of the role matrix. One line per route and least
 * role; commands by their least role, as the design's table of authorities has them. `-key`: not for keys of programs.
 */
export const rights = `
everyone GET /api/session
everyone POST /api/login
everyone POST /api/login/code
everyone POST /api/login/passkey/options
everyone POST /api/login/passkey
everyone POST /api/logout
everyone GET /api/sign-in/provider
everyone GET /api/sign-in/callback/space
everyone GET /api/health
everyone POST /api/invitation
everyone POST /api/invitation/accept
everyone GET /api/openapi.json
everyone GET /api/docs
everyone GET /api/docs/:file
everyone GET /api/wall/:name
everyone GET /api/wall/:name/month
everyone GET /api/wall/:name/stream
everyone GET /api/kiosk/:name
everyone POST /api/kiosk/:name/report
everyone POST /api/kiosk/:name/card
everyone GET /api/kiosk/:name/card/:capture
everyone GET /spaceapi.json
everyone GET /metrics
everyone GET /calendar.ics
newcomer POST /api/first-run
member GET /api/account -key
member POST /api/account/password -key
member POST /api/account/totp -key
member POST /api/account/totp/confirm -key
member POST /api/account/totp/remove -key
member POST /api/account/totp/recovery-codes -key
member POST /api/account/passkeys/options -key
member POST /api/account/passkeys -key
member POST /api/account/passkeys/remove -key
member GET /api/account/sessions -key
member POST /api/account/sessions/end -key
manager GET /api/account/keys -key
manager POST /api/account/keys -key
manager POST /api/account/keys/revoke -key
manager GET /api/accounts -key
manager POST /api/accounts/:id/role -key
manager POST /api/accounts/:id/remove -key
staff POST /api/accounts/:id/password-link -key
staff GET /api/invitations -key
staff POST /api/invitations -key
staff POST /api/invitations/:id/revoke -key
member GET /api/me/look-ups
member GET /api/me
member GET /api/me/use
member GET /api/me/use/file
member GET /api/me/push-key
member GET /api/me/trail
member GET /api/me/file
staff GET /api/versions/:command
staff GET /api/live
staff GET /api/live/stream
staff GET /api/muster
staff GET /api/machines/:id/power
staff GET /api/decisions
staff GET /api/reports/:month
staff GET /api/reports/:month/file
staff POST /api/doors/:id/unlock
staff POST /api/machines/:id/lock
staff POST /api/machines/:id/unlock
staff GET /api/demo
staff GET /api/now
staff GET /api/machines
staff GET /api/machines/:id
staff GET /api/doors/:id
staff GET /api/nodes
staff GET /api/people
staff GET /api/people/:member
staff GET /api/choices
staff GET /api/captures/:capture
staff GET /api/trainings
staff GET /api/log
staff GET /api/energy
manager GET /api/months
manager GET /api/months/:month
manager GET /api/months/:month/number
manager GET /api/months/:month/file
manager GET /api/months/:month/money
manager GET /api/projects
manager GET /api/projects/:project
manager GET /api/corrections
manager GET /api/roles
manager GET /api/retention
manager POST /api/months/:month/draft
manager POST /api/months/:month/close
manager POST /api/months/:month/revise
staff POST /api/doors/:id/order
staff POST /api/nodes/:id/identify
manager POST /api/newcomers/:fp/adopt
owner POST /api/demo/start
owner POST /api/demo/stop
owner POST /api/demo/bench
manager GET /api/machine-templates
staff POST /api/demo/tap
`;

/** What only an owner may, what a manager may, and what a member's own record may let them; the rest is for staff. */
export const commandRights = {
  owner: ["setRoles", "renewCardKeys"],
  member: [
    ...[
      "blockCard",
      "setPin",
      "setDuressPin",
      "addNoticeChannel",
      "removeNoticeChannel",
      "setNoticeTopic",
      "setQuietHours",
      "seeNotices",
      "tryNotices",
      "addHold",
      "restrict",
      "signWaiver",
      "addGuest",
      "setGuest",
    ],
    ...["endGuest", "grantTraining", "revokeTraining", "restoreTraining", "suspendTraining", "resumeTraining", "undoTraining"],
    ...["requestBooking", "addBooking", "confirmBooking", "cancelBooking", "restoreBooking", "checkIn", "enrol", "withdraw"],
    ...["attend", "undoAttendance", "addWish", "endWish", "assignLockout", "unassignLockout", "noteMaterial"],
    ...["addShift", "endShift", "setMode", "lockMachine", "unlockMachine", "commission", "endCommissioning"],
    ...[
      "setSharing",
      "askErasure",
      "takeBackErasure",
      "askCorrection",
      "addHeadcount",
      "planMaintenance",
      "addOverride",
      "endOverride",
      "closeException",
      "reopenException",
    ],
  ],
  staff: [
    ...[
      "addMember",
      "setMember",
      "assignCard",
      "restoreCard",
      "openCapture",
      "clearPin",
      "clearDuressPin",
      "setMembership",
      "endMembership",
    ],
    ...[
      "clearHold",
      "liftRestriction",
      "setGuardian",
      "removeGuardian",
      "addCredit",
      "undoCredit",
      "addClass",
      "cancelClass",
      "restoreClass",
    ],
    ...[
      "setNextStep",
      "setTargetGroup",
      "setBackground",
      "cancelMaintenance",
      "undoHeadcount",
      "undoMaterial",
      "noteIndicator",
      "undoIndicatorNote",
    ],
  ],
} as const;
