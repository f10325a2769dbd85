import { describe, expect, test } from 'vitest';
import { confirmationMessage } from '../../../src/notify/messages/confirmation-message.ts';
import { fitsOnePart } from '../../../src/notify/messages/sms-part.ts';

const url = `https://spendwatch.example.com/confirm/${'A_-b'.repeat(10)}xyz`;

describe('the SMS that asks for a confirmation', () => {
  test.each([
    ['Acme', 'Acme: for alerts here open '],
    ['The Very Long Named Savings Bank of Somewhere', 'The Very Long Named...: for alerts here open '],
  ])('of %s names it and fits one part', (name, beginning) => {
    const { text } = confirmationMessage('sms', name, url, { locale: 'en' });
    expect(text).toBe(`${beginning}${url} Ignore this and nothing happens.`);
    expect(fitsOnePart(text)).toBe(true);
  });

  test('takes a part more rather than leave out the name or the link', () => {
    const { text } = confirmationMessage('sms', 'Банк', url, { locale: 'en' });
    expect(text).toContain(`Банк: for alerts here open ${url} `);
  });
});

describe('the mail that asks for a confirmation', () => {
  const mail = confirmationMessage('email', 'A <b>&\u202e Co', url, { locale: 'en' });

  test('has the link in both forms and says that nothing happens if it is ignored', () => {
    expect(mail.title).toBe('A <b>& Co: confirm your address');
    expect(mail.text).toContain(`Confirm this address: ${url}`);
    expect(mail.html).toContain(`href="${url}"`);
    for (const form of [mail.text, mail.html]) expect(form).toContain('ignore it. Nothing happens then');
    expect(mail).not.toHaveProperty('unsubscribeUrl');
  });

  test('escapes the tenant’s name', () => {
    expect(mail.html).toContain('A &lt;b&gt;&amp; Co would like');
    expect(mail.html).not.toContain('<b>');
  });
});
