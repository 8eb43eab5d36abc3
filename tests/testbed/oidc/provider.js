// An OpenID provider that gives robots their tokens: `node provider.js DIR`, started by oidc-up, which wrote DIR/settings.json.
// Access tokens are JWTs for the one audience that is asked for, as `audience` (INDIGO IAM, CILogon) or as `resource` (RFC 8707).
import fs from 'node:fs'
import https from 'node:https'
import Provider from 'oidc-provider'

const dir = process.argv[2]
const read = (name) => fs.readFileSync(`${dir}/${name}`, 'utf8').trim()
const { port, issuer, life, rotates } = JSON.parse(read('settings.json'))
const ANY = 'https://wlcg.cern.ch/jwt/v1/any'
const SCOPES = ['compute.read', 'compute.modify', 'compute.create', 'compute.cancel', 'storage.read:/', 'condor:/READ', 'condor:/WRITE']
const AUDIENCES = [ANY, 'https://ce.example.org', 'https://panda.example.org']
const ROBOTS = { robot: 'client_secret_basic', 'robot-post': 'client_secret_post', 'test-production': 'client_secret_basic' }

const clients = Object.entries(ROBOTS).map(([client_id, token_endpoint_auth_method]) => ({
  client_id, token_endpoint_auth_method, client_secret: read('secret'), redirect_uris: [], response_types: [],
  grant_types: ['client_credentials', 'refresh_token'], scope: ['openid', 'offline_access', ...SCOPES].join(' '),
}))
const person = { client_id: 'person', token_endpoint_auth_method: 'none', redirect_uris: ['https://localhost/none'],
  response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'] }

const provider = new Provider(issuer, {
  clients: [...clients, person],
  jwks: JSON.parse(read('keys.json')),
  cookies: { keys: [read('secret')] },
  scopes: ['openid', 'offline_access', ...SCOPES],
  rotateRefreshToken: rotates,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  extraTokenClaims: () => ({ 'wlcg.ver': '1.0', groups: ['atlas', 'atlas/production'] }),
  ttl: { RefreshToken: 86400, Grant: 86400, AccessToken: life, ClientCredentials: life },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx, client, granted) => ctx.oidc.body?.audience ?? granted?.[0] ?? ANY,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, audience) => ({
        audience, scope: SCOPES.join(' '), accessTokenTTL: life, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
})

async function remember(name, clientId) { // what a person would be left with who once logged in by a browser
  const accountId = 'somebody', scope = ['openid', 'offline_access', ...SCOPES].join(' ')
  const grant = new provider.Grant({ clientId, accountId })
  grant.addOIDCScope('openid offline_access')
  for (const audience of AUDIENCES) grant.addResourceScope(audience, SCOPES.join(' '))
  const token = new provider.RefreshToken({
    client: await provider.Client.find(clientId), accountId, scope, grantId: await grant.save(), gty: 'authorization_code',
    resource: AUDIENCES, claims: {}, authTime: Math.floor(Date.now() / 1000),
  })
  fs.writeFileSync(`${dir}/${name}`, await token.save(), { mode: 0o600 })
}

await remember('refresh_token', 'robot')
await remember('person_refresh_token', 'person')
https.createServer({ key: read('hostkey.pem'), cert: read('hostcert.pem') }, provider.callback()).listen(port, '127.0.0.1')
