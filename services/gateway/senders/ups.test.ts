import { describe, expect, it } from 'vitest'
import { accountWith } from '../test/given.ts'
import { ups } from './ups.ts'

const secret = 'a credential that UPS was given'
const now = Date.parse('2026-11-20T10:00:00Z')
// UPS-API/api-documentation, UPSTrackAlert.yaml: "Out for delivery message", with the blank that its first example has.
const alert = {
  ...{ trackingNumber: ' 1Z204W4R0308071865', localActivityDate: '20240423', localActivityTime: '091519' },
  activityLocation: { city: 'Charlotte', stateProvince: 'NC', postalCode: '', country: 'US' },
  activityStatus: { type: 'I', code: 'OT', description: 'Out for Delivery', descriptionCode: '021' },
  ...{ scheduledDeliveryDate: '20240423', actualDeliveryDate: '', actualDeliveryTime: '' },
  ...{ gmtActivityDate: '20240423', gmtActivityTime: '131519', deliveryTimeDescription: 'end of day' },
}
const post = (body: unknown, credential: string | undefined = secret, secrets: readonly string[] = [secret]) =>
  ups.verify(
    { headers: { credential }, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
    { ...accountWith(...secrets), name: 'ups-us', provider: 'ups' },
    now,
  )
const refused = (because: string) => ({ ok: false, because })

describe('an alert of UPS', () => {
  it('names a parcel, and says nothing else that is passed on', () => {
    const told = post(alert)
    expect(told).toEqual({
      ok: true,
      notice: {
        ...{ eventId: expect.stringMatching(/^[0-9a-f]{64}$/), type: 'I/OT', occurredAt: '2024-04-23T13:15:19.000Z' },
        ...{ about: 'parcel', payments: [], parcel: { carrier: 'ups', trackingNumber: '1Z204W4R0308071865' } },
      },
    })
    expect(post(alert)).toEqual(told)
    expect(post({ ...alert, gmtActivityTime: '131520' })).not.toEqual(told)
  })

  it('comes with the credential that UPS was given, or with the one before', () => {
    expect(post(alert, secret, ['another', secret]).ok).toBe(true)
    for (const given of [undefined, '', 'x', `${secret} `, '[secret]'])
      expect(post(alert, given ?? '')).toEqual(refused('signature'))
    expect(post(alert, '', [])).toEqual(refused('signature'))
  })

  it('without a time is of now', () => {
    const { gmtActivityDate: _, ...timeless } = alert
    expect(post(timeless)).toMatchObject({ notice: { occurredAt: '2026-11-20T10:00:00.000Z' } })
  })

  it.each(['{', '[]', '{}', { ...alert, trackingNumber: '../../1Z' }, { ...alert, trackingNumber: 'x'.repeat(35) }])(
    'that is %j makes no sense',
    (body) => expect(post(body)).toEqual(refused('unreadable')),
  )
})
