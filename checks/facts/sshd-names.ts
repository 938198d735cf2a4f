/** Names that sshd knows, of all versions from 8.0 to 10.0: algorithms, methods, log words. */

const set = (names: string): ReadonlySet<string> => new Set(names.split(/\s+/).filter(Boolean));

export const ciphers = set(`3des-cbc aes128-cbc aes192-cbc aes256-cbc rijndael-cbc@lysator.liu.se
  aes128-ctr aes192-ctr aes256-ctr aes128-gcm@openssh.com aes256-gcm@openssh.com
  chacha20-poly1305@openssh.com`);

const plainMacs = 'hmac-sha1 hmac-sha1-96 hmac-sha2-256 hmac-sha2-512 hmac-md5 hmac-md5-96';
export const macs = set(`${plainMacs} umac-64@openssh.com umac-128@openssh.com
  umac-64-etm@openssh.com umac-128-etm@openssh.com
  ${plainMacs.replace(/\S+/g, '$&-etm@openssh.com')}`);

export const keyExchanges = set(`diffie-hellman-group1-sha1 diffie-hellman-group14-sha1
  diffie-hellman-group14-sha256 diffie-hellman-group16-sha512 diffie-hellman-group18-sha512
  diffie-hellman-group-exchange-sha1 diffie-hellman-group-exchange-sha256
  ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521 curve25519-sha256 curve25519-sha256@libssh.org
  sntrup4591761x25519-sha512@tinyssh.org sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com
  mlkem768x25519-sha256`);

const plainKeys = `ssh-ed25519 sk-ssh-ed25519@openssh.com ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521
  sk-ecdsa-sha2-nistp256@openssh.com ssh-dss ssh-rsa rsa-sha2-256 rsa-sha2-512`;
export const signatures = set(`${plainKeys} webauthn-sk-ecdsa-sha2-nistp256@openssh.com
  ${plainKeys.replace(/\S+/g, (name) => `${name.replace('@openssh.com', '')}-cert-v01@openssh.com`)}`);

export const methods = set(
  'none publickey password keyboard-interactive hostbased gssapi-with-mic gssapi-keyex',
);
export const digests = set('md5 sha1 sha256 sha384 sha512');

export const logFacilities = set(`daemon user auth authpriv
  local0 local1 local2 local3 local4 local5 local6 local7`);
export const logLevels = set('quiet silent fatal error info verbose debug debug1 debug2 debug3');

export const qualities = set(`none lowdelay throughput reliability ef le
  af11 af12 af13 af21 af22 af23 af31 af32 af33 af41 af42 af43 cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7`);
