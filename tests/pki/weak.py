"""RSA keys as broken generators make them."""

import math
import random
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import rsa

from app.pki.keys import KeyAlgorithm
from app.pki.sign import SoftwareKey
from tests.pki.material import key


def is_prime(number: int) -> bool:
    """Fermat's test to base 2, good enough for random numbers."""
    return pow(2, number - 1, number) == 1


def rsa_key(p: int, q: int, exponent: int = 65537) -> rsa.RSAPrivateKey:
    d = pow(exponent, -1, math.lcm(p - 1, q - 1))
    public = rsa.RSAPublicNumbers(exponent, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key()


def strong_primes() -> tuple[int, int]:
    private = key(KeyAlgorithm.RSA_2048).private_key
    assert isinstance(private, rsa.RSAPrivateKey)
    numbers = private.private_numbers()
    return numbers.p, numbers.q


@lru_cache
def close_primes() -> SoftwareKey:
    """The second prime is the next one after the first (CVE-2022-26320)."""
    p, _q = strong_primes()
    q = next(number for number in range(p + 2, p + 100_000, 2) if is_prime(number))
    return SoftwareKey(rsa_key(p, q))


@lru_cache
def roca() -> SoftwareKey:
    """Both primes are k*M + (65537^a mod M), M the product of small primes (CVE-2017-15361)."""
    chance = random.Random(1)
    small = [n for n in range(3, 720) if all(n % d for d in range(2, math.isqrt(n) + 1))]
    product = 2 * math.prod(small[:125])

    def prime() -> int:
        while True:
            multiple = chance.randrange(3 * 2**1022 // product, 2**1024 // product)
            number = multiple * product + pow(65537, chance.getrandbits(60), product)
            if is_prime(number):
                return number

    return SoftwareKey(rsa_key(prime(), prime()))


PRIME_2048 = 2**2048 - 1_942_289
